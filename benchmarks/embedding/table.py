"""The tables of an embedding result."""

from __future__ import annotations

from typing import Any

from benchmarks.common.markdown import table

_SHARES = {"share_of_bound": "cost at this payload", "share_of_payload": "payload at this cost"}


def quality(result: dict[str, Any]) -> str:
    """PSNR of covers and revealed secrets through files, and times of one core."""
    head = [
        "bits per sample",
        "cover PSNR, mean / worst",
        "revealed PSNR, mean / worst",
        "hide, s per megapixel",
        "reveal, s per megapixel",
    ]
    return table(
        head,
        (
            [
                f"{row['payload']:g}",
                *(
                    f"{row[name]['mean']:.1f} / {row[name]['worst']:.1f} dB"
                    for name in ("cover_psnr", "revealed_psnr")
                ),
                f"{row['hide_seconds']:.1f}",
                f"{row['reveal_seconds']:.2f}",
            ]
            for row in result["quality"]
        ),
    )


def efficiency(result: dict[str, Any]) -> str:
    """How close the code comes to the bound, by payload and constraint height."""
    heights = sorted({row["height"] for row in result["efficiency"]})
    by_setting = {(row["payload"], row["height"]): row for row in result["efficiency"]}
    payloads = sorted({row["payload"] for row in result["efficiency"]})
    head = ["share of what the bound allows", *(f"height {height}" for height in heights)]
    return table(
        head,
        (
            [
                f"{name}, {payload:g} bits per sample",
                *(f"{100 * by_setting[payload, height][share]:.1f} %" for height in heights),
            ]
            for share, name in _SHARES.items()
            for payload in payloads
        ),
    )
