"""The tables of an exact result."""

from __future__ import annotations

from typing import Any

from benchmarks.common.folders import ALONE
from benchmarks.common.markdown import table


def markdown(result: dict[str, Any]) -> str:
    """How many JPEG photographs come back byte for byte, by payload."""
    head = (
        "most bits per sample",
        "byte for byte",
        "of these, repacked",
        "container, dB",
        "worst",
        "bits per sample used, mean",
        "others: revealed, dB",
        "worst",
    )
    return table(head, map(_cells, result["counts"]))


def speed(result: dict[str, Any]) -> str:
    """The speed of folders, beside decoding and encoding alone."""
    timed = result["speed"]
    head = ("folder of JPEG secrets, exact", "MP/s", "decoding and encoding alone, MP/s", "share")
    rows = []
    for operation in ("hide", "reveal"):
        rates = [
            f"{timed['loops'][name]['megapixels_per_second']:.1f}"
            for name in (operation, operation + ALONE)
        ]
        share = f"{100 * timed['speed_against_no_model'][operation]:.0f} %"
        rows.append((operation, *rates, share))
    return table(head, rows)


def memory(result: dict[str, Any]) -> str:
    """Peak memory with one large picture, by what is carried."""
    measured = result["memory"]
    megapixels = measured["width"] * measured["height"] / 1e6
    peaks = {(p["payload"], p["part"]): p["peak_bytes"] / 1e6 for p in measured["processes"]}
    rows = [
        (payload, *(f"{peaks[payload, operation]:,.0f}" for operation in ("hide", "reveal")))
        for payload in ("file", "code")
    ]
    head = f"peak memory of a process, MB, {megapixels:.0f} megapixels, secret carried as"
    return table((head, "hide", "reveal"), rows)


def _cells(counted: dict[str, Any]) -> list[str]:
    share = 100 * counted["byte_for_byte"] / counted["files"]
    return [
        str(counted["bits"]),
        f"{counted['byte_for_byte']} of {counted['files']} ({share:.1f} %)",
        str(counted["repacked"]),
        *(_two(counted[key]) for key in ("cover_psnr", "cover_psnr_worst")),
        "-" if counted["bits_per_pixel"] is None else f"{counted['bits_per_pixel'] / 3:.2f}",
        *(_two(counted[key]) for key in ("revealed_psnr", "revealed_psnr_worst")),
    ]


def _two(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
