"""The latency plot: median times of one picture at a time against its size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.common.plots import colour_of, figure, save


def draw(result: dict[str, Any], path: Path) -> None:
    """Draws the times of the scenario `single` as PNG; both axes are logarithmic."""
    fig, axes = figure(7, 4.5)
    lines: dict[tuple[str, str], list[tuple[float, float, float]]] = {}
    for timing in result["timings"]:
        if timing["scenario"] == "single":
            megapixels = timing["width"] * timing["height"] / 1e6
            lines.setdefault((timing["model"], timing["part"]), []).append(
                (megapixels, timing["p50_ms"], timing["p90_ms"])
            )
    for (model, operation), points in lines.items():
        x, middle, upper = zip(*sorted(points), strict=True)
        style = "o-" if operation == "hide" else "s--"
        axes.plot(x, middle, style, color=colour_of(model), label=f"{model}, {operation}")
        axes.fill_between(x, middle, upper, color=colour_of(model), alpha=0.15)
    axes.set(xscale="log", yscale="log", xlabel="megapixels", ylabel="median ms (band: up to p90)")
    axes.grid(alpha=0.25, which="both")
    axes.legend(fontsize=8)
    save(fig, path)
