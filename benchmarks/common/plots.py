"""The look of the plots, and how they are written."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from benchmarks.common.results import write_file

COLOURS = {
    "clear": "#0b6e4f",
    "classic": "#c1440e",
    "robust": "#5b4b8a",
    "AVIF": "#3a7ca5",
    "WebP": "#8ab6d6",
    "JPEG": "#b8860b",
    "LSB": "#777777",
}


def figure(width: float, height: float, columns: int = 1) -> tuple[Any, Any]:
    """A figure and its axes; sizes in inches at 120 dots per inch."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    fig, axes = pyplot.subplots(1, columns, figsize=(width, height), dpi=120, layout="tight")
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
