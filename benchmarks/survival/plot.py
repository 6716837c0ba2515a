"""The heat map of a survival result: distortions down, configurations across."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common.plots import figure, save
from benchmarks.survival.table import grid, summary

_WORST, _BEST = 5.0, 50.0


def draw(result: dict[str, Any], path: Path) -> None:
    """Draws a survival result as PNG."""
    rows, columns, outcomes = grid(result)
    values = np.full((len(rows), len(columns)), np.nan)
    fig, axes = figure(max(6.5, 2.8 + 1.1 * len(columns)), 1.2 + 0.24 * len(rows))
    axes.set_facecolor("#d5d5d5")
    for y, row in enumerate(rows):
        for x, column in enumerate(columns):
            text, mean = summary(outcomes[row, column])
            values[y, x] = np.nan if mean is None else mean
            dark = mean is not None and mean < (_WORST + _BEST) / 2
            colour = "white" if dark else "black"
            axes.text(x, y, text, ha="center", va="center", fontsize=7, color=colour)
    image = axes.imshow(values, cmap="viridis", vmin=_WORST, vmax=_BEST, aspect="auto")
    axes.set_xticks(range(len(columns)), columns, fontsize=8)
    axes.set_yticks(range(len(rows)), rows, fontsize=8)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    bar = fig.colorbar(image, ax=axes, shrink=0.5)
    bar.set_label("revealed PSNR, dB (grey: reported as lost)", fontsize=8)
    axes.set_xlabel(
        f"mean of {result['pairs']} pairs of {result['side']} px; the mean colour of the "
        f"secret has {result['mean_colour_psnr']:.1f} dB",
        fontsize=8,
    )
    save(fig, path)
