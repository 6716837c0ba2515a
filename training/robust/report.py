"""What training logs, measures and shows of `robust`."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from training.log import Plot, Row
from training.measure import psnr
from training.panel import Columns, residual
from training.robust.dataset import saved

QUALITIES = (10, 20, 30, 40)
SHOWN_QUALITY = 15

Pictures = NDArray[np.uint8]


def restored(network: Any, coded: Pictures, quality: int) -> Pictures:
    """What AVIF and network give together, uint8 (height, width, 3); both sides are even."""
    told = np.full((1, 1, 1, 1), quality, np.float32)
    output = ops.convert_to_numpy(network([coded[None].astype(np.float32), told]))[0]
    return np.asarray(np.rint(np.clip(output, 0, 255)), np.uint8)


class RobustReport:
    """PSNRs are in dB over RGB after rounding to 8 bits; gains are over AVIF alone.

    Args:
        validation: Secrets to measure on, uint8 (secrets, height, width, 3).
        shown: Secrets to show.
    """

    step_columns: tuple[str, ...] = ("loss", "gain")
    validation_columns: tuple[str, ...] = (
        *(f"validation_gain_{quality}" for quality in QUALITIES),
        "validation_least_gain",
    )
    plots: tuple[Plot, ...] = (
        Plot("training gain, dB over AVIF", {"gain": "all qualities"}),
        Plot(
            "validation gain, dB over AVIF",
            {
                **{f"validation_gain_{quality}": f"quality {quality}" for quality in QUALITIES},
                "validation_least_gain": "least of all",
            },
        ),
    )

    def __init__(self, validation: Pictures, shown: Pictures) -> None:
        self._secrets = validation
        self._coded = {q: [saved(secret, q) for secret in validation] for q in QUALITIES}
        self._shown = shown
        self._shown_coded = np.stack([saved(secret, SHOWN_QUALITY) for secret in shown])

    def step_row(self, means: dict[str, float]) -> Row:
        """The step columns."""
        return {name: means[name] for name in self.step_columns}

    def measure(self, model: keras.Model) -> Row:
        """Mean gains of the validation secrets by quality, and the least of all."""
        row: Row = {}
        least = np.inf
        for quality, coded in self._coded.items():
            gains = [
                psnr(secret, restored(model.restore, one, quality)) - psnr(secret, one)
                for secret, one in zip(self._secrets, coded, strict=True)
            ]
            row[f"validation_gain_{quality}"] = float(np.mean(gains))
            least = min(least, *gains)
        row["validation_least_gain"] = float(least)
        return row

    def panel(self, model: keras.Model) -> Columns:
        """Secrets as they are, coded and restored, and the residuals of the latter two."""
        revealed = np.stack([restored(model.restore, c, SHOWN_QUALITY) for c in self._shown_coded])
        residuals = residual(self._shown_coded, self._shown), residual(revealed, self._shown)
        return self._shown, self._shown_coded, revealed, *residuals

    def describe_steps(self, row: Row) -> str:
        """PSNR and gain."""
        return f"PSNR {-(row['loss'] or 0.0):.2f} dB, gain {row['gain']:.3f} dB"

    def describe_validation(self, row: Row) -> str:
        """The gain by quality, and the least."""
        gains = ", ".join(f"{row[f'validation_gain_{q}']:+.3f} at {q}" for q in QUALITIES)
        return f"validation gain {gains}; least {row['validation_least_gain']:+.3f} dB"
