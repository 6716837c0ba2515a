"""What the evidence says, in sentences made from the results: for us, and against us."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.survival import summary

_DETECTED = 0.75
"""Accuracy from which on a way of hiding is called detectable; 0.5 is guessing."""

_Results = dict[str, dict[str, Any]]


def for_us(results: _Results) -> str:
    """Where the models are ahead."""
    rows = _quality(results)
    lines = []
    for bits in (1, 2, 3):
        ours = rows["clear", bits]
        best = max(
            (row for (_, b), row in rows.items() if b == bits and not row["ours"]),
            key=lambda row: row["revealed_psnr"],
        )
        ahead = np.array(ours["each"]["revealed_psnr"]) - np.array(best["each"]["revealed_psnr"])
        lines.append(
            f"- {bits} bit a sample: `clear` reveals {_signed(ahead.mean())} dB against "
            f"{best['name']}, the best line by hand, is ahead on {int((ahead > 0).sum())} of "
            f"{len(ahead)} pairs, and its container is "
            f"{_signed(ours['cover_psnr'] - best['cover_psnr'])} dB against the other's."
        )
    classic = rows["classic", None]
    ours = rows["clear", 2]
    lines.append(
        f"- Against `classic`, `clear` at 2 bits a sample: cover "
        f"{_signed(ours['cover_psnr'] - classic['cover_psnr'])} dB, revealed "
        f"{_signed(ours['revealed_psnr'] - classic['revealed_psnr'])} dB."
    )
    return "\n".join(lines)


def against_us(results: _Results) -> str:
    """Where they are not."""
    return "\n".join(
        [
            *_detected(results["detectability"]),
            *_lost(results["survival"]),
            *_worst(results),
            *_lossless(results["quality"]),
        ]
    )


def _detected(result: dict[str, Any]) -> list[str]:
    rows = {row["name"]: row for row in result["rows"]}
    lines = []
    trained = [row for row in rows.values() if row["detector"] and "LSB" not in row["name"]]
    if trained:
        sizes = _first_and_last([str(d["pairs"]) for d in trained[0]["detector"]])
        found = [
            f"`{row['name']}` {_first_and_last([_percent(d) for d in row['detector']])}"
            for row in trained
        ]
        least = min(row["detector"][-1]["accuracy"] for row in trained)
        head = "**Every model is detectable.** " if least > _DETECTED else ""
        lines.append(
            f"- {head}A small detector that has learned from {sizes} pairs tells covers from "
            f"containers on other photographs, and is right in: {', '.join(found)} (50 % is "
            "guessing)."
        )
    against = []
    for bits in (1, 2, 3):
        ours, plain = rows.get(f"clear, {bits} bit"), rows.get(f"LSB matching, {bits} bit")
        if ours and plain and ours["detector"] and plain["detector"]:
            gap = ours["detector"][-1]["accuracy"] - plain["detector"][-1]["accuracy"]
            against.append(f"{_percent(plain['detector'][-1])} ({_than(gap)})")
    if against:
        lines.append(
            "- Plain LSB matching at 1, 2, 3 bits a sample is found by the same detector in "
            f"{', '.join(against)}."
        )
    if "clear, 2 bit" in rows:
        tests = [f"{name} {t['auc']:.2f}" for name, t in rows["clear, 2 bit"]["tests"].items()]
        lines.append(
            "- Of the classical tests, made for LSB replacement, `clear` at 2 bits gives AUC "
            f"{', '.join(tests)} (0.5 is chance). Where they find little, the trained detector "
            "still does."
        )
    return lines


def _first_and_last(values: list[str]) -> str:
    return " / ".join(dict.fromkeys((values[0], values[-1])))


def _than(gap: float) -> str:
    points = round(100 * gap)
    if points == 0:
        return "`clear` as often"
    unit = "point" if abs(points) == 1 else "points"
    return f"`clear` {abs(points)} {unit} {'more' if points > 0 else 'less'} often"


def _lost(result: dict[str, Any]) -> list[str]:
    cells = {(cell["channel"], cell["name"]): cell for cell in result["cells"]}
    names = list(dict.fromkeys(name for _, name in cells))
    channels = list(dict.fromkeys(channel for channel, _ in cells))
    clear = [name for name in names if name.startswith("clear")]
    kept = [c for c in channels if all(summary(cells[c, n])[0] != "lost" for n in clear)]
    lines = [
        f"- **`clear` is exact or lost**: of {len(channels)} things that may happen to a container "
        f"it reveals after {len(kept)} ({', '.join(kept) or 'none'}). After all others"
        f"{'' if any('JPEG' in c for c in kept) else ', JPEG at any quality among them,'} it says "
        "that the secret is lost."
    ]
    floor = result["mean_colour_psnr"]
    for name in names:
        if name.startswith("clear"):
            continue
        jpeg = summary(cells["JPEG 90, 4:2:0", name])
        lines.append(
            f"- After JPEG at quality 90 (4:2:0) `{name}` reveals {jpeg[0]} dB, where the secret's "
            f"mean colour alone has {floor:.1f} dB."
        )
    return lines


def _worst(results: _Results) -> list[str]:
    rows = _quality(results)
    found = [
        f"{rows['clear', bits]['revealed_psnr_worst']:.1f} dB (mean "
        f"{rows['clear', bits]['revealed_psnr']:.1f})"
        for bits in (1, 2, 3)
    ]
    worst = rows["clear", 2]["worst_secret"].rpartition(".")[0]
    lines = [
        f"- The worst secret, `{worst}` at 2 bits, comes back far below the mean: at 1, 2, 3 bits "
        f"the worst have {', '.join(found)}."
    ]
    better = [
        f"{name} {row['revealed_psnr_worst']:.1f} against {worst_of_ours:.1f} dB"
        for (name, bits), row in rows.items()
        if bits
        and not row["ours"]
        and row["revealed_psnr_worst"]
        > (worst_of_ours := rows["clear", bits]["revealed_psnr_worst"])
    ]
    if better:
        lines.append(f"- By hand the worst picture comes back better with {'; '.join(better)}.")
    return lines


def _lossless(result: dict[str, Any]) -> list[str]:
    fits = result["lossless_webp_fits"]
    return [
        f"- As lossless WebP {fits['1']}, {fits['2']} and {fits['3']} of {result['pairs']} secrets "
        "would have fitted into 1, 2 and 3 bits a sample without any loss, which `clear` does not "
        "use."
    ]


def measured_on(results: _Results) -> str:
    """What each result was measured on, with what."""
    lines = ["| result | date | commit | machine | photographs |", "|---|---|---|---|---|"]
    for name, found in results.items():
        photographs = found.get("photographs", "scikit-image")
        count = found.get("pairs") or found.get("test_pairs")
        lines.append(
            f"| {name} | {found['date'][:10]} | {str(found['commit'])[:10]} | {found['cpu']}, "
            f"{found['cores']} cores | {photographs}{f', {count} pairs' if count else ''} |"
        )
    return "\n".join(lines)


def _quality(results: _Results) -> dict[tuple[str, int | None], dict[str, Any]]:
    return {(row["name"], row["bits"]): row for row in results["quality"]["rows"]}


def _percent(found: dict[str, Any]) -> str:
    return f"{100 * found['accuracy']:.0f} %"


def _signed(value: float) -> str:
    return f"{value:+.2f}"
