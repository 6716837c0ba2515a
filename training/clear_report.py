"""What is logged, measured and shown of `clear` in training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops
from skimage.metrics import peak_signal_noise_ratio

from training.batches import Batch
from training.clear import layout
from training.clear.codec import Code, Codec, embed
from training.clear.decoded import decode, step_of
from training.clear.layout import Floats, Pictures
from training.log import Plot, Row
from training.panel import Panel

PAYLOADS = (1, 2, 3)
SHOWN_BITS = 1


@dataclass(frozen=True, eq=False)
class Example:
    """A secret held to its exact capacity.

    Attributes:
        secret: uint8 (height, width, 3).
        code: Its code.
        decoded: float32, whole quads.
        codec_psnr: Of what the codec alone reveals, in dB.
    """

    secret: Pictures
    code: Code
    decoded: Floats
    codec_psnr: float


def example(codec: Codec, secret: Pictures, bits: int) -> Example:
    """Codes a secret at `bits` bits a sample."""
    code = codec.choose(secret, layout.words_in(secret.size, bits))
    decoded = decode(codec, code)
    revealed = layout.to_picture(decoded, *secret.shape[:2])
    return Example(secret, code, decoded, psnr(secret, revealed))


def psnr(secret: Pictures, revealed: Pictures) -> float:
    """PSNR in dB; that of one sample in 512x512 off by one stands for equal pictures'."""
    with np.errstate(divide="ignore"):
        return min(float(peak_signal_noise_ratio(secret, revealed)), 107.0)


def restored(network: Any, coded: Example) -> Pictures:
    """What the codec and the network reveal."""
    step = np.full((1, 1, 1, 1), step_of(coded.code), np.float32)
    made = network([coded.decoded[None], step])
    return layout.to_picture(ops.convert_to_numpy(made)[0], *coded.secret.shape[:2])


class ClearReport:
    """PSNRs are in dB, over RGB, after 8-bit rounding; gains are over the codec alone.

    Args:
        codec: The codec.
        validation: Pairs, the secrets of which are measured on.
        shown: Pairs to show, at 1 bit a sample.
    """

    step_columns = ("loss", "gain")
    validation_columns = (
        *(f"validation_revealed_psnr_{bits}" for bits in PAYLOADS),
        *(f"validation_gain_{bits}" for bits in PAYLOADS),
    )
    plots = (
        Plot("training gain, dB over the codec", {"gain": "all payloads"}),
        Plot(
            "validation gain, dB over the codec",
            {f"validation_gain_{bits}": f"{bits} bits a sample" for bits in PAYLOADS},
        ),
    )

    def __init__(self, codec: Codec, validation: Batch, shown: Batch) -> None:
        self._codec = codec
        self._validation = {
            bits: [example(codec, secret, bits) for secret in validation["secret"]]
            for bits in PAYLOADS
        }
        self._shown = shown
        self._coded = [example(codec, secret, SHOWN_BITS) for secret in shown["secret"]]
        self._containers = np.stack(
            [self._container(c, e) for c, e in zip(shown["cover"], self._coded, strict=True)]
        )

    def _container(self, cover: Pictures, coded: Example) -> Pictures:
        words = layout.words_in(cover.size, SHOWN_BITS)
        made = self._codec.encode(coded.code, bytes(layout.USER_BYTES), words)
        return embed(cover, made, np.zeros_like(cover), SHOWN_BITS)

    def of_steps(self, means: dict[str, float]) -> Row:
        """The step columns."""
        return {name: means[name] for name in self.step_columns}

    def measure(self, model: keras.Model) -> Row:
        """Mean PSNRs and gains of the validation secrets."""
        row: Row = {}
        for bits, coded in self._validation.items():
            made = [psnr(e.secret, restored(model.restore, e)) for e in coded]
            row[f"validation_revealed_psnr_{bits}"] = float(np.mean(made))
            before = [e.codec_psnr for e in coded]
            row[f"validation_gain_{bits}"] = float(np.mean(made) - np.mean(before))
        return row

    def panel(self, model: keras.Model) -> Panel:
        """The shown pairs."""
        revealed = np.stack([restored(model.restore, e) for e in self._coded])
        return Panel(self._shown["cover"], self._containers, revealed, self._shown["secret"])

    def say_steps(self, row: Row) -> str:
        """The gain."""
        return f"PSNR {-row['loss']:.2f} dB, gain {row['gain']:.3f} dB"

    def say_measured(self, row: Row) -> str:
        """PSNR and gain of each payload."""
        return "validation revealed " + ", ".join(
            f"{row[f'validation_revealed_psnr_{bits}']:.2f} dB "
            f"({row[f'validation_gain_{bits}']:+.3f}) at {bits} bits"
            for bits in PAYLOADS
        )
