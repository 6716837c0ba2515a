"""The look of the plots, and how they are written."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.common.results import write_file

COLOURS = {
    "clear": "#0b6e4f",
    "classic": "#c1440e",
    "robust": "#5b4b8a",
    "AVIF": "#3a7ca5",
    "JPEG 2000 9/7": "#8a3ffc",
    "JPEG 2000 5/3": "#c9a0ff",
    "JPEG XL": "#8ab6d6",
    "JPEG": "#b8860b",
    "own file": "#444444",
    "LSB": "#777777",
}


def figure(
    width: float, height: float, columns: int = 1, ratios: Sequence[float] | None = None
) -> tuple[Any, Any]:
    """A figure and its axes; sizes in inches at 120 dots per inch.

    Args:
        width: Of the figure.
        height: Of the figure.
        columns: Number of axes, side by side.
        ratios: Of their widths; None for equal ones.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    fig, axes = pyplot.subplots(
        1, columns, figsize=(width, height), dpi=120, layout="tight", width_ratios=ratios
    )
    for axis in axes if columns > 1 else [axes]:
        axis.spines[["top", "right"]].set_visible(False)
    return fig, axes


def save(fig: Any, path: Path) -> None:
    """Writes a figure as PNG and closes it."""
    from matplotlib import pyplot

    png = io.BytesIO()
    # Without date and version, so that the same figures give the same file.
    fig.savefig(png, format="png", metadata={"Software": None})
    pyplot.close(fig)
    write_file(path, png.getvalue())


def colour_of(label: str) -> str:
    """The colour of a configuration or baseline, by a word in its label."""
    return next((colour for word, colour in COLOURS.items() if word in label), "#333333")
