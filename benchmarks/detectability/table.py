"""The table of a detectability result."""

from __future__ import annotations

from typing import Any

from benchmarks.common.markdown import table
from benchmarks.detectability.steganalysis import TESTS


def markdown(result: dict[str, Any]) -> str:
    """AUC of the tests and accuracy of the detector, as a table in Markdown."""
    sizes = result["learning_pairs"]
    head = ["", *(f"{name}, AUC" for name in TESTS), *(f"detector, {n} pairs" for n in sizes)]
    return table(head, (_cells(row, sizes) for row in result["rows"]))


def _cells(row: dict[str, Any], sizes: list[int]) -> list[str]:
    detectors = {detector["pairs"]: detector for detector in row["detector"]}
    return [
        row["name"],
        *(f"{row['tests'][name]['auc']:.2f}" for name in TESTS),
        *(f"{100 * detectors[n]['accuracy']:.0f} %" if n in detectors else "-" for n in sizes),
    ]
