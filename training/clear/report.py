"""What training logs, measures and shows of `clear`."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from codec import blocks
from codec.blocks import Pictures
from training.clear.exact import ExactCoder, Example
from training.log import Plot, Row
from training.measure import psnr
from training.panel import Columns, residual

BITS = (1, 2, 3)  # per sample
SHOWN_BITS = 1


def restored(network: Any, example: Example) -> Pictures:
    """What codec and network reveal together, uint8 (height, width, 3)."""
    step = np.full((1, 1, 1, 1), example.step, np.float32)
    output = network([example.decoded[None], step])
    return blocks.to_picture(ops.convert_to_numpy(output)[0], *example.secret.shape[:2])


class ClearReport:
    """PSNRs are in dB over RGB after rounding to 8 bits; gains are over the codec alone.

    Args:
        coder: Codes the secrets.
        validation: Secrets to measure on, uint8 (secrets, height, width, 3).
        shown: Secrets to show, at 1 bit per sample.
    """

    step_columns: tuple[str, ...] = ("loss", "gain")
    validation_columns: tuple[str, ...] = (
        *(f"validation_revealed_psnr_{bits}" for bits in BITS),
        *(f"validation_gain_{bits}" for bits in BITS),
    )
    plots: tuple[Plot, ...] = (
        Plot("training gain, dB over the codec", {"gain": "all rates"}),
        Plot(
            "validation gain, dB over the codec",
            {f"validation_gain_{bits}": f"{bits} bits per sample" for bits in BITS},
        ),
    )

    def __init__(self, coder: ExactCoder, validation: Pictures, shown: Pictures) -> None:
        self._validation = {
            bits: [coder.code(secret, bits) for secret in validation] for bits in BITS
        }
        self._codec_psnr = {
            bits: float(np.mean([psnr(e.secret, e.revealed) for e in examples]))
            for bits, examples in self._validation.items()
        }
        self._shown = [coder.code(secret, SHOWN_BITS) for secret in shown]

    def step_row(self, means: dict[str, float]) -> Row:
        """The step columns."""
        return {name: means[name] for name in self.step_columns}

    def measure(self, model: keras.Model) -> Row:
        """Mean PSNRs and gains of the validation secrets."""
        row: Row = {}
        for bits, examples in self._validation.items():
            mean = float(np.mean([psnr(e.secret, restored(model.restore, e)) for e in examples]))
            row[f"validation_revealed_psnr_{bits}"] = mean
            row[f"validation_gain_{bits}"] = mean - self._codec_psnr[bits]
        return row

    def panel(self, model: keras.Model) -> Columns:
        """Secrets as they are, decoded and restored, and the residuals of the latter two."""
        secrets = np.stack([e.secret for e in self._shown])
        decoded = np.stack([e.revealed for e in self._shown])
        revealed = np.stack([restored(model.restore, e) for e in self._shown])
        residuals = residual(decoded, secrets), residual(revealed, secrets)
        return secrets, decoded, revealed, *residuals

    def describe_steps(self, row: Row) -> str:
        """PSNR and gain."""
        return f"PSNR {-(row['loss'] or 0.0):.2f} dB, gain {row['gain']:.3f} dB"

    def describe_validation(self, row: Row) -> str:
        """PSNR and gain for each number of bits."""
        return "validation revealed " + ", ".join(
            f"{row[f'validation_revealed_psnr_{bits}']:.2f} dB "
            f"({row[f'validation_gain_{bits}']:+.3f}) at {bits} bits"
            for bits in BITS
        )
