"""The CSV log of a run, and its loss curve."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from training.files import atomic_file, write_atomically

CSV_NAME = "log.csv"
CURVE_NAME = "curve.png"

# A row of the log by column name; None where a value was not measured.
Row = dict[str, float | None]


@dataclass(frozen=True)
class Plot:
    """One of the plots of the loss curve.

    Attributes:
        label: Label of the vertical axis.
        lines: Columns to draw, with their names in the legend.
        logarithmic: Whether the vertical axis is logarithmic.
    """

    label: str
    lines: dict[str, str]
    logarithmic: bool = False


def read_rows(run: Path, up_to: int) -> list[Row]:
    """The rows that earlier sessions of the run wrote, up to step `up_to`."""
    path = run / CSV_NAME
    if not path.is_file():
        return []
    rows: list[Row] = []
    with path.open(newline="") as file:
        for values in csv.DictReader(file):
            step = int(values["step"])
            if step <= up_to:
                numbers = {key: float(value) if value else None for key, value in values.items()}
                rows.append({**numbers, "step": step})
    return rows


def write_rows(run: Path, rows: list[Row], columns: tuple[str, ...]) -> None:
    """Writes the log; the first column is the step."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {k: "" if v is None else v if k == "step" else f"{v:.6g}" for k, v in row.items()}
        )
    write_atomically(run / CSV_NAME, text.getvalue().encode())


def write_curve(run: Path, rows: list[Row], title: str, plots: tuple[Plot, ...]) -> None:
    """Draws plots over the step, side by side; steps without a measurement are left out."""
    from matplotlib.figure import Figure

    if not rows:
        return
    figure = Figure(figsize=(9, 4), layout="constrained")
    figure.suptitle(title)
    for axes, plot in zip(figure.subplots(1, len(plots)), plots, strict=True):
        for name, label in plot.lines.items():
            measured = [row for row in rows if row.get(name) is not None]
            steps, values = ([row[key] for row in measured] for key in ("step", name))
            axes.plot(steps, values, label=label, linewidth=1)
        axes.set(xlabel="step", ylabel=plot.label)
        if plot.logarithmic:
            axes.set_yscale("log")
        axes.grid(alpha=0.3)
        axes.legend()
    with atomic_file(run / CURVE_NAME) as temporary:
        figure.savefig(temporary, dpi=100)
