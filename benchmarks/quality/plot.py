"""The frontier plot: what is revealed against what the container loses, and how much is exact."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.common.plots import colour_of, figure, save
from benchmarks.quality.published import QUALITY
from benchmarks.quality.rows import others, row_by
from runtime.engine.models import DEFAULT

_EXACT = (DEFAULT, "own file", "lossless JPEG XL")


def draw(result: dict[str, Any], path: Path) -> None:
    """Draws the first group of a quality result, pairs as people have them, as PNG.

    On the left is one line for each model or codec over its payloads, of those secrets that the
    default model does not bring back exactly: the same ones for all at a payload. On the right is
    the share of secrets that come back exactly.
    """
    group = result["groups"][0]
    fig, (left, right) = figure(11, 5, 2, (2.2, 1))
    _draw_frontier(left, group)
    _draw_exact(right, group)
    fig.suptitle(
        f"{len(group['pairs'])} pairs of photographs ({result['photographs']}) of different sizes "
        "and orientations, through 8-bit files",
        fontsize=10,
    )
    notes = [f"* {other.name}: {other.conditions}; on other photographs" for other in QUALITY]
    left.text(0, -0.14, "\n".join(notes), transform=left.transAxes, fontsize=7, va="top")
    save(fig, path)


def _draw_frontier(axes: Any, group: dict[str, Any]) -> None:
    lines: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
    ours = set()
    for row in group["rows"]:
        left = others(group, row["bits"])
        revealed, cover = (
            [row["each"][f"{what}_psnr"][number] for number in left]
            for what in ("revealed", "cover")
        )
        # A variant does with these what its model does.
        if row["variant"] or not left or None in revealed:
            continue
        if row["ours"]:
            ours.add(row["name"])
        note = f"{row['bits']} bit, {len(left)} pairs" if row["bits"] else ""
        lines[row["name"]].append((fmean(cover), fmean(revealed), note))
    for name, points in lines.items():
        x, y, notes = zip(*sorted(points), strict=True)
        axes.plot(
            x,
            y,
            "o-" if name in ours else "s--",
            color=colour_of(name),
            linewidth=2.2 if name in ours else 1.2,
            markersize=7 if name in ours else 5,
            label=name if name in ours else f"{name} in LSB",
        )
        for place, text in zip(zip(x, y, strict=True), notes if name in ours else (), strict=False):
            axes.annotate(text, place, (6, 5), textcoords="offset points", fontsize=8)
    for other in QUALITY:
        axes.plot(
            other.cover_psnr,
            other.revealed_psnr,
            "x",
            color="black",
            markersize=8,
            label=f"{other.name}, published *",
        )
    axes.set_xlabel("container against cover, dB")
    axes.set_ylabel("revealed against secret, dB")
    axes.set_title(f"secrets that {DEFAULT} does not bring back exactly, means", fontsize=9)
    axes.grid(alpha=0.25)
    axes.legend(fontsize=8)


def _draw_exact(axes: Any, group: dict[str, Any]) -> None:
    payloads = sorted({row["bits"] for row in group["rows"] if row["bits"]})
    width = 0.8 / len(_EXACT)
    for number, name in enumerate(_EXACT):
        rows = [row_by(group, name, bits) for bits in payloads]
        shares = [100 * row["exact"] / len(group["pairs"]) if row else 0 for row in rows]
        places = [index + (number - 1) * width for index in range(len(payloads))]
        bars = axes.bar(places, shares, 0.9 * width, color=colour_of(name), label=name)
        axes.bar_label(bars, [f"{share:.0f}" for share in shares], fontsize=7)
    axes.set_xticks(range(len(payloads)), [f"{bits} bit" for bits in payloads])
    axes.set_ylim(0, 110)
    axes.set_ylabel("secrets that come back exactly, %")
    axes.set_title("bit for bit", fontsize=9)
    axes.legend(fontsize=8, loc="upper left")
