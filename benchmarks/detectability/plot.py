"""The detectability plot: ROC of the tests without training, accuracy of the detector against N."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common.plots import colour_of, figure, save
from benchmarks.detectability.residue_test import ANY
from benchmarks.detectability.scores import roc
from benchmarks.detectability.steganalysis import TESTS

_SHOWN = "clear, 2 bit"
"""The configuration whose ROC is drawn beside that of LSB replacement."""

_STYLES = {"1": "-", "2": "--", "3": ":"}
_RESIDUES = "#7b3f8c"
_COLOURS = dict(zip(TESTS, ("#0b6e4f", "#c1440e", "#3a7ca5"), strict=True))


def draw(result: dict[str, Any], path: Path) -> None:
    """Draws a detectability result as PNG."""
    fig, (left, right) = figure(11, 4.8, 2)
    _draw_roc(left, result)
    _draw_accuracy(right, result)
    save(fig, path)


def _draw_roc(axes: Any, result: dict[str, Any]) -> None:
    controls = [row for row in result["rows"] if row["control"]][:1]
    shown = [row for row in result["rows"] if row["name"] == _SHOWN]
    for row in [*controls, *shown]:
        style = ":" if row["control"] else "-"
        for name, colour in _COLOURS.items():
            _draw_curve(axes, name, row["name"], row["tests"][name], colour, style)
    for row in shown:
        _draw_curve(axes, "residues", row["name"], row["residues"][ANY], _RESIDUES, "-")
    axes.plot((0, 1), (0, 1), color="#cccccc", linewidth=1)
    axes.set(xlabel="false positive rate", ylabel="true positive rate")
    axes.set_title("tests without training (AUC)", fontsize=10)
    axes.legend(fontsize=7, loc="lower right")


def _draw_curve(
    axes: Any, test: str, method: str, scored: dict[str, Any], colour: str, style: str
) -> None:
    false, true = roc(np.array(scored["covers"]), np.array(scored["containers"]))
    label = f"{test}: {method} ({scored['auc']:.2f})"
    axes.plot(false, true, style, color=colour, label=label)


def _draw_accuracy(axes: Any, result: dict[str, Any]) -> None:
    for row in result["rows"]:
        trained = row["detector"]
        if not trained:
            continue
        bits = row["name"].rpartition(", ")[2][:1]
        accuracy, low, high = (
            np.array([detector[key] for detector in trained])
            for key in ("accuracy", "accuracy_low", "accuracy_high")
        )
        axes.errorbar(
            [detector["pairs"] for detector in trained],
            accuracy,
            np.array([accuracy - low, high - accuracy]),
            linestyle=_STYLES.get(bits, "-"),
            marker="o",
            markersize=4,
            capsize=2,
            color=colour_of(row["name"]),
            label=row["name"],
        )
    axes.axhline(0.5, color="#cccccc", linewidth=1)
    axes.set(xscale="log", xlabel="training pairs", ylabel="accuracy", ylim=(0.45, 1.02))
    axes.set_xticks(result["learning_pairs"], result["learning_pairs"])
    axes.minorticks_off()
    axes.set_title(f"trained detector, {result['test_pairs']} other pairs", fontsize=10)
    axes.legend(fontsize=7, loc="lower right")
