"""The frontier plot: quality of the revealed secret against quality of the container."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from benchmarks.common.plots import colour_of, figure, save
from benchmarks.quality.published import QUALITY


def draw(result: dict[str, Any], path: Path) -> None:
    """Draws a quality result as PNG: one line for each model or codec, over its payloads."""
    fig, axes = figure(8.5, 5)
    lines: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in result["rows"]:
        kind = row["name"] if row["ours"] else row["name"].split()[0]
        lines["top bits" if kind == "top" else kind].append(row)
    for kind, rows in lines.items():
        rows.sort(key=lambda row: row["cover_psnr"])
        x, y = ([row[f"{what}_psnr"] for row in rows] for what in ("cover", "revealed"))
        ours = rows[0]["ours"]
        name = kind if ours else f"{kind} in LSB"
        axes.plot(
            x,
            y,
            "o-" if ours else "s--",
            color=colour_of(kind if kind != "top bits" else "LSB"),
            linewidth=2.2 if ours else 1.2,
            markersize=7 if ours else 5,
            label=name,
        )
        for row in rows:
            if row["bits"] and ours:
                axes.annotate(
                    f"{row['bits']} bit",
                    (row["cover_psnr"], row["revealed_psnr"]),
                    (6, 5),
                    textcoords="offset points",
                    fontsize=8,
                )
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
    axes.set_title(
        f"{result['pairs']} pairs of photographs ({result['photographs']}), mean PSNR through "
        "8-bit files",
        fontsize=10,
    )
    axes.grid(alpha=0.25)
    axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    notes = [f"* {other.name}: {other.conditions}; on other photographs" for other in QUALITY]
    axes.text(0, -0.16, "\n".join(notes), transform=axes.transAxes, fontsize=7, va="top")
    save(fig, path)
