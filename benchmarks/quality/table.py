"""The tables of a quality result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.common.markdown import table
from benchmarks.quality.rows import CODE_ONLY, mean, others, revealed_of, row_by, worst
from runtime.engine.models import DEFAULT

_BASELINE = "JPEG 2000 9/7"
"""The baseline that stands beside the model in tables with little room."""

_HEAD = (
    "",
    "bits per sample",
    "exact",
    "cover, dB",
    "worst",
    "others: revealed, dB",
    "worst",
    "all: revealed, dB",
    "worst",
    "SSIM: cover, revealed",
)


def every_table(result: dict[str, Any]) -> str:
    """All tables of a result, with the names of their groups."""
    tables = [f"{group['name']}:\n\n{markdown(group)}" for group in result["groups"]]
    return "\n\n".join([*tables, cases(result["groups"][0])])


def markdown(group: dict[str, Any]) -> str:
    """The rows of a group as a table in Markdown, ordered by payload.

    *Others* are the pairs that the default model does not bring back exactly at that payload, the
    same ones for all rows. *All* is given for rows without an exact one.
    """
    ordered = sorted(group["rows"], key=lambda row: (row["bits"] or 9, not row["ours"]))
    return table(_HEAD, (_cells(group, row) for row in ordered))


def short(group: dict[str, Any]) -> str:
    """The same with fewer columns, and without variants."""
    shown = (0, 1, 2, 3, 5, 6)
    rows = sorted(group["rows"], key=lambda row: (row["bits"] or 9, not row["ours"]))
    cells = (_cells(group, row) for row in rows if row["variant"] is None)
    return table([_HEAD[n] for n in shown], ([row[n] for n in shown] for row in cells))


def cases(group: dict[str, Any], bits: int = 2) -> str:
    """What each case comes to: the default model beside JPEG 2000."""
    names = dict.fromkeys(pair["case"] for pair in group["pairs"])
    own, code, other = (
        row_by(group, DEFAULT, bits),
        row_by(group, DEFAULT, bits, CODE_ONLY),
        row_by(group, _BASELINE, bits),
    )
    rows = []
    for name in names:
        of_case = [n for n, pair in enumerate(group["pairs"]) if pair["case"] == name]
        exact = "-" if own is None else sum(own["each"]["exact"][n] for n in of_case)
        shown = [_mean_and_worst(row, of_case) for row in (code, other)]
        rows.append(
            [name, str(len(of_case)), str(exact), *(cell for pair in shown for cell in pair)]
        )
    head = ("secret and cover", "pairs", "exact", f"{DEFAULT}, code only, dB", "worst")
    return table([*head, f"{_BASELINE}, dB", "worst"], rows)


def _mean_and_worst(row: dict[str, Any] | None, pairs: Sequence[int]) -> tuple[str, str]:
    if row is None:
        return "-", "-"
    values = revealed_of(row, pairs)
    return _decibels(mean(values)), _decibels(worst(values))


def _cells(group: dict[str, Any], row: dict[str, Any]) -> list[str]:
    total = len(group["pairs"])
    left = revealed_of(row, others(group, row["bits"]))
    of_others = mean(left), worst(left)
    if row["exact"] or row["fits"] < total:
        of_all = None, None
    else:
        of_all = row["revealed_psnr"], row["revealed_psnr_worst"]
    ssim = (row["cover_ssim"], row["revealed_ssim"])
    return [
        label_of(row),
        str(row["bits"] or "-"),
        f"{row['exact']} of {total}" if row["exact"] or row["fits"] < total else "-",
        *map(_decibels, (row["cover_psnr"], row["cover_psnr_worst"], *of_others, *of_all)),
        ", ".join("-" if value is None else f"{value:.4f}" for value in ssim),
    ]


def label_of(row: dict[str, Any]) -> str:
    """What a row is called in tables."""
    if not row["ours"]:
        return f"{row['name']} in {row['bits']} LSB"
    if row["variant"]:
        return f"{row['name']}, {row['variant']}"
    return f"**{row['name']}**" if row["bits"] else str(row["name"])


def _decibels(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
