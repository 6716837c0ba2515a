"""How plots look, and how they are written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.command import whole_file, written

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
    """A figure and its axes; sizes in inches at 120 dots."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    made, axes = pyplot.subplots(1, columns, figsize=(width, height), dpi=120, layout="tight")
    for axis in axes if columns > 1 else [axes]:
        axis.spines[["top", "right"]].set_visible(False)
    return made, axes


def save(made: Any, path: Path) -> None:
    """Writes a figure as PNG, whole, and lets go of it."""
    from matplotlib import pyplot

    with whole_file(path) as partial:
        # No date and no version inside: the same figures make the same file.
        made.savefig(partial, metadata={"Software": None})
    pyplot.close(made)
    written(path)


def colour_of(name: str) -> str:
    """The colour of a way of hiding, by the word that its name has."""
    return next((colour for word, colour in COLOURS.items() if word in name), "#333333")
