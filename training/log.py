"""The run's CSV log and its loss curve."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from training.files import whole_file, write_whole

CSV_NAME = "log.csv"
CURVE_NAME = "curve.png"


@dataclass(frozen=True)
class Row:
    """Means since the row before, and the validation pairs where they were measured.

    Losses and errors are of samples in 0 .. 1; PSNRs are in dB, over RGB, after 8-bit rounding.
    """

    step: int
    loss: float
    cover_mse: float
    secret_mse: float
    cover_psnr: float
    revealed_psnr: float
    steps_per_second: float
    validation_cover_psnr: float | None = None
    validation_revealed_psnr: float | None = None


def read_rows(run: Path, up_to: int) -> list[Row]:
    """The rows of an earlier part of the run, none of them past step `up_to`."""
    path = run / CSV_NAME
    if not path.is_file():
        return []
    rows = []
    with path.open(newline="") as file:
        for values in csv.DictReader(file):
            numbers = {key: float(value) if value else None for key, value in values.items()}
            step = int(values["step"])
            if step <= up_to:
                rows.append(Row(**{**numbers, "step": step}))  # type: ignore[arg-type]
    return rows


def write_rows(run: Path, rows: list[Row]) -> None:
    """Writes the whole log."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(Row)], lineterminator="\n")
    writer.writeheader()
    for row in rows:
        values = asdict(row)
        writer.writerow(
            {k: "" if v is None else v if k == "step" else f"{v:.6g}" for k, v in values.items()}
        )
    write_whole(run / CSV_NAME, text.getvalue().encode())


def write_curve(run: Path, rows: list[Row], title: str) -> None:
    """Draws total, cover and secret loss, and both validation PSNRs, against the step."""
    from matplotlib.figure import Figure

    if not rows:
        return
    figure = Figure(figsize=(9, 4), layout="constrained")
    loss, psnr = figure.subplots(1, 2)
    figure.suptitle(title)
    steps = [row.step for row in rows]
    for name, label in (("loss", "total"), ("cover_mse", "cover"), ("secret_mse", "secret")):
        loss.semilogy(steps, [getattr(row, name) for row in rows], label=label, linewidth=1)
    loss.set(xlabel="step", ylabel="mean squared error, samples in 0 .. 1")
    measured = [row for row in rows if row.validation_cover_psnr is not None]
    for name, label in (
        ("validation_cover_psnr", "cover"),
        ("validation_revealed_psnr", "revealed"),
    ):
        values = [getattr(row, name) for row in measured]
        psnr.plot([row.step for row in measured], values, label=label, linewidth=1)
    psnr.set(xlabel="step", ylabel="validation PSNR, dB")
    for axes in (loss, psnr):
        axes.grid(alpha=0.3)
        axes.legend()
    with whole_file(run / CURVE_NAME) as temporary:
        figure.savefig(temporary, dpi=100)
