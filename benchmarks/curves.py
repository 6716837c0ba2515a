"""The detectability curves: ROC of the classical tests, accuracy of the detector against N."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.plots import colour_of, figure, save
from benchmarks.steganalysis import TESTS, roc

_STYLES = {"1": "-", "2": "--", "3": ":"}
_OF_TEST = dict(zip(TESTS, ("#0b6e4f", "#c1440e", "#3a7ca5"), strict=True))


def draw(result: dict[str, Any], path: Path) -> None:
    """Draws a detectability result as PNG."""
    made, (left, right) = figure(11, 4.8, 2)
    _draw_roc(left, result)
    _draw_accuracy(right, result)
    save(made, path)


def _draw_roc(axes: Any, result: dict[str, Any]) -> None:
    controls = [row for row in result["rows"] if row["control"]][:1]
    ours = [row for row in result["rows"] if row["name"] == "clear, 2 bit"]
    for row, style in [*((c, ":") for c in controls), *((o, "-") for o in ours)]:
        for name in TESTS:
            found = row["tests"][name]
            false, true = roc(np.array(found["covers"]), np.array(found["containers"]))
            axes.plot(
                *(false, true, style),
                color=_OF_TEST[name],
                label=f"{name}: {row['name']} ({found['auc']:.2f})",
            )
    axes.plot((0, 1), (0, 1), color="#cccccc", linewidth=1)
    axes.set(xlabel="covers taken for containers", ylabel="containers found")
    axes.set_title("classical tests (AUC)", fontsize=10)
    axes.legend(fontsize=7, loc="lower right")


def _draw_accuracy(axes: Any, result: dict[str, Any]) -> None:
    for row in result["rows"]:
        found = row["detector"]
        if not found:
            continue
        bits = row["name"].rpartition(", ")[2][:1]
        axes.errorbar(
            [d["pairs"] for d in found],
            [d["accuracy"] for d in found],
            np.array(
                [
                    [d["accuracy"] - d["accuracy_low"] for d in found],
                    [d["accuracy_high"] - d["accuracy"] for d in found],
                ]
            ),
            linestyle=_STYLES.get(bits, "-"),
            marker="o",
            markersize=4,
            capsize=2,
            color=colour_of(row["name"]),
            label=row["name"],
        )
    axes.axhline(0.5, color="#cccccc", linewidth=1)
    axes.set(xscale="log", xlabel="pairs learned from", ylabel="accuracy", ylim=(0.45, 1.02))
    axes.set_xticks(result["learning_pairs"], result["learning_pairs"])
    axes.minorticks_off()
    axes.set_title(f"trained detector, {result['test_pairs']} other pairs", fontsize=10)
    axes.legend(fontsize=7, loc="lower right")
