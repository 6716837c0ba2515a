"""What the results say, in sentences: strengths, limitations, and what was measured on what."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import fmean
from typing import Any

import numpy as np

from benchmarks.common.markdown import table
from benchmarks.common.metrics import MAX_PSNR
from benchmarks.common.results import Result, Results
from benchmarks.detectability.methods import FILLED
from benchmarks.detectability.residue_test import ANY
from benchmarks.quality.rows import CODE_ONLY, group_by, group_of, others, revealed_of, row_by
from benchmarks.quality.table import label_of
from benchmarks.survival.table import grid, joined, summary
from runtime.crypto.keys import COST

_MODEL, _PAPER = "clear", "classic"
"""The model that the statements are about, and the published networks it is compared with."""

_PAYLOADS = (1, 2, 3)
_PAYLOAD = 2
"""In bits per sample: all that `_MODEL` has, and its default."""

_CODEC = "JPEG 2000 9/7"
"""The baseline that figures without room for several are compared with."""

_JPEG = "JPEG 90, 4:2:0"
_FEW = 6
"""The distortion that stands for sharing a picture."""

_DETECTABLE = 0.75
"""From this accuracy on, a model is called detectable; 0.5 is guessing."""

_Group = dict[str, Any]
"""A group of pairs of the quality result."""


def strengths(results: Results) -> str:
    """Where our models are better than others."""
    headline, same = (group_by(results["quality"], name) for name in ("different", "same"))
    lines = [_payload(headline, bits) for bits in _PAYLOADS]
    lines.append(
        f"- Pairs of one size, {_enumerated(_PAYLOADS)} bits per sample: "
        f"{_enumerated(_exact(same, _MODEL, bits) for bits in _PAYLOADS)} of "
        f"{len(same['pairs'])} come back exactly; the others with "
        f"{_enumerated(_gain(same, bits) for bits in _PAYLOADS)} dB against {_CODEC}."
    )
    lines += _large(results["quality"])
    lines += _files(results["exact"])
    ours, paper = _row(headline, _MODEL, _PAYLOAD, CODE_ONLY), _row(headline, _PAPER, None)
    lines.append(
        f"- The code of `{_MODEL}` alone, at {_bits(_PAYLOAD)} per sample, against `{_PAPER}`: "
        f"revealed {ours['revealed_psnr'] - paper['revealed_psnr']:+.2f} dB, "
        f"container {ours['cover_psnr'] - paper['cover_psnr']:+.2f} dB."
    )
    return "\n".join(lines)


def _payload(group: _Group, bits: int) -> str:
    """What becomes of pairs as people have them at a payload, beside the best baselines."""
    total, left = len(group["pairs"]), others(group, bits)
    exact = ", ".join(
        f"{name} {_exact(group, name, bits)}" for name in ("own file", "lossless JPEG XL")
    )
    line = (
        f"- Pairs of different sizes and orientations, {_bits(bits)} per sample: `{_MODEL}` brings "
        f"back {total - len(left)} of {total} secrets exactly ({exact})."
    )
    if not left:
        return line
    ours = _row(group, _MODEL, bits)
    best = max(_codecs(group, bits), key=lambda row: fmean(_known(row, left)))
    gain = np.array(_known(ours, left)) - np.array(_known(best, left))
    cover = [ours["each"]["cover_psnr"][n] - best["each"]["cover_psnr"][n] for n in left]
    return (
        f"{line} The others, against {label_of(best)}, the best baseline: revealed "
        f"{gain.mean():+.2f} dB (better on {int((gain > 0).sum())} of {len(gain)}), container "
        f"{fmean(cover):+.2f} dB."
    )


def _gain(group: _Group, bits: int) -> str:
    """By how much more is revealed of those that are not exact, on the mean, than by `_CODEC`."""
    left = others(group, bits)
    if not left:
        return "-"
    ours, theirs = (_known(_row(group, name, bits), left) for name in (_MODEL, _CODEC))
    return f"{fmean(ours) - fmean(theirs):+.2f}"


def _large(result: Result) -> list[str]:
    group = group_of(result, "large")
    if group is None:
        return []
    (bits,) = {row["bits"] for row in group["rows"]}
    pairs = range(len(group["pairs"]))
    ours, theirs = (
        _known(row, pairs)
        for row in (_row(group, _MODEL, bits, CODE_ONLY), _row(group, _CODEC, bits))
    )
    gains = [f"{own - other:+.2f}" for own, other in zip(ours, theirs, strict=True)]
    sizes = sorted(np.prod(pair["secret_size"]) / 1e6 for pair in group["pairs"])
    return [
        f"- {len(pairs)} whole photographs of {sizes[0]:.0f} to {sizes[-1]:.0f} megapixels at "
        f"{_bits(bits)} per sample, as code, against {_CODEC}: {_enumerated(gains)} dB."
    ]


def _files(result: Result) -> list[str]:
    counts = {counted["bits"]: counted for counted in result["counts"]}
    shown = counts[_PAYLOAD]
    shares = [100 * counts[bits]["byte_for_byte"] / counts[bits]["files"] for bits in _PAYLOADS]
    return [
        f"- Of {shown['files']} JPEG photographs, each in a cover of as many pixels, "
        f"{_enumerated(f'{share:.1f} %' for share in shares)} come back byte for byte at "
        f"{_enumerated(_PAYLOADS)} bits per sample; at {_bits(_PAYLOAD)} the mean container has "
        f"{shown['cover_psnr']:.1f} dB."
    ]


def limitations(results: Results) -> str:
    """Where they are worse, and what they cannot do."""
    return "\n".join(
        [
            *_detected(results["detectability"]),
            *_lost(joined(results["survival"], results["survival-quiet"])),
            *_worst(group_by(results["quality"], "different")),
            *_lossless(results),
        ]
    )


def _detected(result: Result) -> list[str]:
    rows = {row["name"]: row for row in result["rows"]}
    lines = []
    ours = [row for row in rows.values() if row["detector"] and "LSB" not in row["name"]]
    if ours:
        sizes = _first_and_last([str(detector["pairs"]) for detector in ours[0]["detector"]])
        accuracies = [
            f"`{row['name']}` {_first_and_last([_percent(d) for d in row['detector']])}"
            for row in ours
        ]
        least = min(row["detector"][-1]["accuracy"] for row in ours)
        models = " and ".join(dict.fromkeys(f"`{row['name'].partition(',')[0]}`" for row in ours))
        head = f"**{models} are detectable.** " if least > _DETECTABLE else ""
        lines.append(
            f"- {head}Accuracy of a small detector, trained on {sizes} pairs, in telling covers "
            f"from containers of other photographs: {', '.join(accuracies)} (50 % is guessing)."
        )
    matching = []
    for bits in _PAYLOADS:
        model, plain = rows.get(f"{_MODEL}, {bits} bit"), rows.get(f"LSB matching, {bits} bit")
        if model and plain and model["detector"] and plain["detector"]:
            gap = model["detector"][-1]["accuracy"] - plain["detector"][-1]["accuracy"]
            matching.append(f"{_percent(plain['detector'][-1])} (`{_MODEL}`: {_points(gap)})")
    if matching:
        lines.append(
            f"- Accuracy of the same detector on plain LSB matching with {_enumerated(_PAYLOADS)} "
            f"bits per sample: {', '.join(matching)}."
        )
    lines += _found(rows, result)
    if shown := rows.get(f"{_MODEL}, {_PAYLOAD} bit"):
        tests = [f"{name} {test['auc']:.2f}" for name, test in shown["tests"].items()]
        lines.append(
            f"- AUC of classical tests, which were designed for LSB replacement, on `{_MODEL}` at "
            f"{_bits(_PAYLOAD)} per sample: {', '.join(tests)} (0.5 is chance). The trained "
            "detector finds containers that these tests miss."
        )
    return lines


def _found(rows: dict[str, Any], result: Result) -> list[str]:
    """What the residue test finds of `_MODEL`, whose carrier it was designed for."""
    whole = [row for row in result["full_size"] if row["name"].startswith(f"{_MODEL},")]
    if not whole:
        return []
    own = [rows[row["name"]]["residues"][ANY]["auc"] for row in whole]
    sparse = rows[f"{FILLED}, 1 bit per pixel"]
    payloads = _enumerated(row["bits"] for row in whole)
    found = _enumerated(row["found"] for row in whole)
    false = _enumerated(row["false_alarms"] for row in whole)
    side = result["side"]
    return [
        f"- **Anyone with this program finds containers of `{_MODEL}` almost surely, passphrase or "
        f"not.** AUC of a test of neighbouring pixels that needs no training, at {payloads} bits "
        f"per sample: {_enumerated(f'{auc:.3f}' for auc in own)} on crops of {side}x{side} pixels. "
        f"Of {whole[0]['pictures']} whole photographs it finds {found} containers, with {false} "
        "false alarms among as many covers. On crops filled with 1 bit per pixel, the least "
        f"density, the AUC is {sparse['residues']['1']['auc']:.3f}."
    ]


def guess(results: Results) -> str:
    """What guessing a passphrase costs, and on which machine that was measured."""
    result = results["latency-passphrase"]
    (timing,) = (t for t in result["timings"] if t["stage"] == "key derivation")
    milliseconds = timing["p50_ms"]
    return (
        f"One derivation of a key (Argon2id, {COST.passes} passes over {COST.kibibytes // 1024} "
        f"MiB, {COST.lanes} lanes) took {milliseconds:.0f} ms, as a median, on {result['cores']} "
        f"cores of this machine: {result['cpu']}. That is {1000 / milliseconds:.0f} guesses per "
        "second."
    )


def _lost(result: Result) -> list[str]:
    distortions, configurations, outcomes = grid(result)
    survived: dict[str, dict[str, list[str]]] = {}
    for configuration in configurations:
        model, _, label = configuration.partition(", ")
        survived.setdefault(model, {})[label] = [
            distortion
            for distortion in distortions
            if "lost" not in summary(outcomes[distortion, configuration])[0]
        ]
    exact, always = [], []
    for model, by_label in survived.items():
        kept, *others_kept = by_label.values()
        if len(kept) == len(distortions):
            revealed, _ = summary(outcomes[_JPEG, model])
            always.append(
                f"- After JPEG at quality 90 (4:2:0), `{model}` reveals {revealed} dB; the mean "
                f"colour of the secret alone has {result['mean_colour_psnr']:.1f} dB."
            )
            continue
        counts = f"{len(kept)}{_named(kept)}"
        if any(other != kept for other in others_kept):
            counts = _enumerated(f"{len(each)} with `{label}`" for label, each in by_label.items())
        jpeg = "" if any("JPEG" in d for d in kept) else ", JPEG of any quality included"
        exact.append(
            f"- **`{model}` is kept whole or lost**: of {len(distortions)} distortions of a "
            f"container, the secret survives {counts}. After all others{jpeg}, reveal reports "
            "that it is lost."
        )
    return [*exact, *always]


def _named(distortions: list[str]) -> str:
    """A few distortions in parentheses; many are left to the table."""
    return f" ({', '.join(distortions) or 'none'})" if len(distortions) <= _FEW else ""


def _worst(group: _Group) -> list[str]:
    lines, better = [], []
    for bits in _PAYLOADS:
        left = others(group, bits)
        if not left:
            continue
        values = _known(_row(group, _MODEL, bits), left)
        least = min(values)
        lines.append(f"{least:.1f} dB at {_bits(bits)} (mean {fmean(values):.1f} dB)")
        better += [
            f"{label_of(row)} ({min(_known(row, left)):.1f} dB)"
            for row in _codecs(group, bits)
            if min(_known(row, left)) > least
        ]
    if not lines:
        return []
    worst = [
        "- The worst secret is far below the mean. Of pairs of different sizes, exact ones left "
        f"out, `{_MODEL}` reveals it with {', '.join(lines)}."
    ]
    if better:
        worst.append(f"- Baselines with a better worst secret: {', '.join(better)}.")
    return worst


def _lossless(results: Results) -> list[str]:
    """Where a lossless codec brings more back than we do."""
    lines = []
    for name, what in (("different", "of different sizes"), ("same", "of one size")):
        group = group_by(results["quality"], name)
        counts = []
        for bits in _PAYLOADS:
            exact = _row(group, "lossless JPEG XL", bits)["each"]["exact"]
            counts.append(sum(exact[number] for number in others(group, bits)))
        if any(counts):
            lines.append(
                f"- As lossless JPEG XL files, {_enumerated(counts)} more of {len(group['pairs'])} "
                f"secrets {what} would fit into {_enumerated(_PAYLOADS)} bits per sample exactly. "
                f"`{_MODEL}` uses lossless WebP."
            )
    return lines


def measured_on(results: Results) -> str:
    """Where, when and on which photographs each result was measured."""
    head = ("result", "date", "commit", "machine", "photographs")
    return table(head, (_origin(name, result) for name, result in results.items()))


def _origin(name: str, result: Result) -> list[str]:
    photographs = result.get("photographs", "scikit-image")
    count = result.get("pairs") or result.get("test_pairs")
    return [
        name,
        result["date"][:10],
        str(result["commit"])[:10],
        f"{result['cpu']}, {result['cores']} cores",
        f"{photographs}, {count} pairs" if count else photographs,
    ]


def _row(group: _Group, name: str, bits: int | None, variant: str | None = None) -> dict[str, Any]:
    row = row_by(group, name, bits, variant)
    if row is None:
        raise ValueError(f"the quality result has no row {name!r} at {bits} bits per sample")
    return row


def _codecs(group: _Group, bits: int) -> list[dict[str, Any]]:
    """The lossy baselines with this payload."""
    total = len(group["pairs"])
    rows = (row for row in group["rows"] if row["bits"] == bits and not row["ours"])
    return [row for row in rows if row["fits"] == total and row["exact"] == 0]


def _exact(group: _Group, name: str, bits: int) -> int:
    return int(_row(group, name, bits)["exact"])


def _known(row: dict[str, Any], pairs: Iterable[int]) -> list[float]:
    """The PSNR of what is revealed of these pairs; of equal pictures, `MAX_PSNR`."""
    values = revealed_of(row, list(pairs))
    return [MAX_PSNR if value is None else value for value in values]


def _bits(count: int) -> str:
    return "1 bit" if count == 1 else f"{count} bits"


def _enumerated(values: Any) -> str:
    """Such as `1, 2 and 3`."""
    *first, last = map(str, values)
    return f"{', '.join(first)} and {last}"


def _first_and_last(values: list[str]) -> str:
    return " / ".join(dict.fromkeys((values[0], values[-1])))


def _percent(detector: dict[str, Any]) -> str:
    return f"{100 * detector['accuracy']:.0f} %"


def _points(gap: float) -> str:
    points = round(100 * gap)
    if points == 0:
        return "the same"
    unit = "point" if abs(points) == 1 else "points"
    return f"{abs(points)} {unit} {'more' if points > 0 else 'less'}"
