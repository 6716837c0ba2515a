"""What is logged, measured and shown of `clear` in training."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops
from skimage.metrics import peak_signal_noise_ratio

from training.batches import Batch
from training.clear import layout
from training.clear.codec import Codec, embed
from training.clear.decoded import decode, step_of
from training.clear.layout import Floats, Ints, Pictures
from training.files import whole_file
from training.log import Plot, Row
from training.panel import Panel

PAYLOADS = (1, 2, 3)
SHOWN_BITS = 1


@dataclass(frozen=True, eq=False)
class Example:
    """A secret held to its exact capacity.

    Attributes:
        secret: uint8 (height, width, 3).
        words: What a container of its size carries.
        decoded: float32, whole quads, as decoded from them.
        step: The quantiser's.
    """

    secret: Pictures
    words: Ints
    decoded: Floats
    step: np.float32


class Coder:
    """Codes secrets to their exact capacity, which takes a second, and keeps what it made.

    Args:
        codec: The codec.
        folder: Where to keep it.
        tables: SHA-256 of the codec's tables.
    """

    def __init__(self, codec: Codec, folder: Path, tables: str) -> None:
        self._codec = codec
        self._folder = folder
        self._tables = tables

    def code(self, secret: Pictures, bits: int) -> Example:
        """A secret coded at `bits` bits a sample."""
        count = layout.words_in(secret.size, bits)
        name = f"{self._tables} {bits} {secret.shape}".encode() + secret.tobytes()
        path = self._folder / f"{hashlib.sha256(name).hexdigest()}.npy"
        if not path.is_file():
            code = self._codec.choose(secret, count)
            words = self._codec.encode(code, bytes(layout.USER_BYTES), count)
            with whole_file(path) as temporary:
                np.save(temporary, words)
        words = np.load(path)
        code, _, intact = self._codec.decode(words, *secret.shape[:2])
        if not intact:
            raise ValueError(f"{path} is damaged: delete it, and it will be made again")
        return Example(secret, words, decode(self._codec, code), step_of(code))


def psnr(secret: Pictures, revealed: Pictures) -> float:
    """PSNR in dB; that of one sample in 512x512 off by one stands for equal pictures'."""
    with np.errstate(divide="ignore"):
        return min(float(peak_signal_noise_ratio(secret, revealed)), 107.0)


def as_decoded(coded: Example) -> Pictures:
    """What the codec alone reveals."""
    return layout.to_picture(coded.decoded, *coded.secret.shape[:2])


def restored(network: Any, coded: Example) -> Pictures:
    """What the codec and the network reveal."""
    step = np.full((1, 1, 1, 1), coded.step, np.float32)
    made = network([coded.decoded[None], step])
    return layout.to_picture(ops.convert_to_numpy(made)[0], *coded.secret.shape[:2])


class ClearReport:
    """PSNRs are in dB, over RGB, after 8-bit rounding; gains are over the codec alone.

    Args:
        coder: Codes secrets.
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

    def __init__(self, coder: Coder, validation: Batch, shown: Batch) -> None:
        self._validation = {
            bits: [coder.code(secret, bits) for secret in validation["secret"]] for bits in PAYLOADS
        }
        self._codec_psnr = {
            bits: float(np.mean([psnr(e.secret, as_decoded(e)) for e in coded]))
            for bits, coded in self._validation.items()
        }
        self._shown = shown
        self._coded = [coder.code(secret, SHOWN_BITS) for secret in shown["secret"]]
        pairs = zip(shown["cover"], self._coded, strict=True)
        self._containers = np.stack(
            [embed(cover, e.words, np.zeros_like(cover), SHOWN_BITS) for cover, e in pairs]
        )

    def of_steps(self, means: dict[str, float]) -> Row:
        """The step columns."""
        return {name: means[name] for name in self.step_columns}

    def measure(self, model: keras.Model) -> Row:
        """Mean PSNRs and gains of the validation secrets."""
        row: Row = {}
        for bits, coded in self._validation.items():
            made = [psnr(e.secret, restored(model.restore, e)) for e in coded]
            row[f"validation_revealed_psnr_{bits}"] = float(np.mean(made))
            row[f"validation_gain_{bits}"] = float(np.mean(made)) - self._codec_psnr[bits]
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
