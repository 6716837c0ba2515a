"""What training logs, measures and shows of `classic`."""

from __future__ import annotations

import keras

from training.batches import Batch
from training.log import Plot, Row
from training.measure import measure, psnr_of_mse
from training.panel import Columns, Panel


class ClassicReport:
    """Losses are of samples in 0 .. 1, PSNRs in dB over RGB after rounding to 8 bits.

    Args:
        validation: Pairs to measure on.
        shown: Pairs to show.
    """

    step_columns: tuple[str, ...] = (
        "loss",
        "cover_mse",
        "secret_mse",
        "cover_psnr",
        "revealed_psnr",
    )
    validation_columns: tuple[str, ...] = ("validation_cover_psnr", "validation_revealed_psnr")
    plots: tuple[Plot, ...] = (
        Plot(
            "mean squared error, samples in 0 .. 1",
            {"loss": "total", "cover_mse": "cover", "secret_mse": "secret"},
            logarithmic=True,
        ),
        Plot(
            "validation PSNR, dB",
            {"validation_cover_psnr": "cover", "validation_revealed_psnr": "revealed"},
        ),
    )

    def __init__(self, validation: Batch, shown: Batch) -> None:
        self._validation = validation
        self._shown = shown

    def step_row(self, means: dict[str, float]) -> Row:
        """The step columns."""
        return {
            **{name: means[name] for name in ("loss", "cover_mse", "secret_mse")},
            "cover_psnr": psnr_of_mse(means["cover_mse"]),
            "revealed_psnr": psnr_of_mse(means["secret_mse"]),
        }

    def measure(self, model: keras.Model) -> Row:
        """Mean PSNRs of the validation pairs."""
        measured = measure(model, self._validation)
        return {
            "validation_cover_psnr": measured.cover_psnr,
            "validation_revealed_psnr": measured.revealed_psnr,
        }

    def panel(self, model: keras.Model) -> Columns:
        """The columns of `training.panel.Panel`, for the shown pairs."""
        shown = measure(model, self._shown)
        cover, secret = self._shown["cover"], self._shown["secret"]
        return Panel(cover, shown.containers, shown.revealed, secret).columns

    def describe_steps(self, row: Row) -> str:
        """The loss and both PSNRs."""
        return (
            f"loss {row['loss']:.5f}, cover {row['cover_psnr']:.2f} dB, "
            f"revealed {row['revealed_psnr']:.2f} dB"
        )

    def describe_validation(self, row: Row) -> str:
        """Both PSNRs."""
        cover, revealed = row["validation_cover_psnr"], row["validation_revealed_psnr"]
        return f"validation cover {cover:.2f} dB, revealed {revealed:.2f} dB"
