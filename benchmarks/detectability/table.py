"""The tables of a detectability result."""

from __future__ import annotations

from typing import Any

from benchmarks.common.markdown import table
from benchmarks.detectability.methods import FILLED
from benchmarks.detectability.residue_test import ANY, RESIDUE_TESTS
from benchmarks.detectability.steganalysis import TESTS


def markdown(result: dict[str, Any]) -> str:
    """AUC of the classical tests and accuracy of the detector, as a table in Markdown."""
    sizes = result["learning_pairs"]
    head = ["", *(f"{name}, AUC" for name in TESTS), *(f"detector, {n} pairs" for n in sizes)]
    shown = (row for row in result["rows"] if not row["name"].startswith(FILLED))
    return table(head, (_cells(row, sizes) for row in shown))


def residues(result: dict[str, Any]) -> str:
    """AUC of the residue test on crops, at each number of bits per pixel that is tested for."""
    head = ["AUC, tested for bits per pixel:", *RESIDUE_TESTS]
    return table(
        head,
        (
            [row["name"], *(f"{row['residues'][bits]['auc']:.3f}" for bits in RESIDUE_TESTS)]
            for row in result["rows"]
        ),
    )


def found(result: dict[str, Any]) -> str:
    """What the residue test finds, in crops and in whole photographs."""
    crops = {row["name"]: row["residues"] for row in result["rows"]}
    side = result["side"]
    head = [
        "residue test",
        f"AUC, crops of {side}x{side}, no passphrase",
        "AUC, whole photographs, with a passphrase",
        "of these found without a false alarm",
        "found at the fixed threshold",
        "false alarms there",
    ]
    return table(
        head,
        (
            [
                row["name"],
                f"{crops[row['name']][ANY]['auc']:.3f}",
                f"{row['auc']:.3f}",
                *(
                    f"{row[name]} of {row['pictures']}"
                    for name in ("found_without_false_alarm", "found", "false_alarms")
                ),
            ]
            for row in result["full_size"]
        ),
    )


def _cells(row: dict[str, Any], sizes: list[int]) -> list[str]:
    detectors = {detector["pairs"]: detector for detector in row["detector"]}
    return [
        row["name"],
        *(f"{row['tests'][name]['auc']:.2f}" for name in TESTS),
        *(f"{100 * detectors[n]['accuracy']:.0f} %" if n in detectors else "-" for n in sizes),
    ]
