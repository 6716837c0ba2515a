"""The table of a quality result."""

from __future__ import annotations

from typing import Any

from benchmarks.common.markdown import table


def markdown(rows: list[dict[str, Any]]) -> str:
    """The rows as a table in Markdown, ordered by payload."""
    head = ["", "bits per sample", "cover, dB", "worst", "revealed, dB", "worst"]
    ordered = sorted(rows, key=lambda row: (row["bits"] or 9, not row["ours"]))
    return table([*head, "SSIM: cover, revealed"], map(_cells, ordered))


def _cells(row: dict[str, Any]) -> list[str]:
    psnrs = ("cover_psnr", "cover_psnr_worst", "revealed_psnr", "revealed_psnr_worst")
    return [
        f"**{row['name']}**" if row["ours"] and row["bits"] else row["name"],
        str(row["bits"] or "-"),
        *(f"{row[psnr]:.2f}" for psnr in psnrs),
        f"{row['cover_ssim']:.4f}, {row['revealed_ssim']:.4f}",
    ]
