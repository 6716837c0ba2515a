"""Tables of what judges found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from benchmarks.common.markdown import table
from benchmarks.common.results import Results
from benchmarks.detectability.judges.kinds import KINDS

_NETWORK = "network"


def crops(results: Results) -> str:
    """What detectors of others found in crops at the size that photographs have."""
    crops = (result for result in _of_others(results) if result["side"])
    return markdown(result for result in crops if not result.get("halved"))


def halved(results: Results) -> str:
    """What detectors of others found in crops of photographs that were halved."""
    return markdown(result for result in _of_others(results) if result.get("halved"))


def whole(results: Results) -> str:
    """What detectors of others found in whole photographs."""
    return markdown(result for result in _of_others(results) if not result["side"])


def network(results: Results) -> str:
    """What our network found, at payloads at which it was tried on crops and whole photographs."""
    found = [result for result in _judged(results) if _is_of_network(result)]
    both = set.intersection(*({row["payload"] for row in result["rows"]} for result in found))
    return markdown(_by_size(result, both) for result in found)


def markdown(results: Iterable[dict[str, Any]]) -> str:
    """The accuracy of each judge, with its interval, by kind of hiding and payload."""
    rows = [row for result in results for row in result["rows"]]
    payloads = sorted({row["payload"] for row in rows})
    judged = {(row["features"], row["kind"], row["payload"]): cell(row) for row in rows}
    # All kinds that a judge was tried on, beside each other.
    judges = dict.fromkeys(row["features"] for row in rows)
    pairs = {(row["features"], row["kind"]) for row in rows}
    head = ["right", *(f"{payload:g} bits per sample" for payload in payloads)]
    return table(
        head,
        (
            [f"{judge}: {kind}", *(judged.get((judge, kind, p), "-") for p in payloads)]
            for judge in judges
            for kind in KINDS
            if (judge, kind) in pairs
        ),
    )


def cell(row: dict[str, Any]) -> str:
    """Its accuracy, with the interval of 95 %."""
    low, high = (f"{100 * row[f'accuracy_{end}']:.1f}" for end in ("low", "high"))
    return f"{100 * row['accuracy']:.1f} % ({low} - {high})"


def _by_size(result: dict[str, Any], payloads: set[float]) -> dict[str, Any]:
    """The result at some payloads, with what the network was tested on for a judge."""
    tested_on = "crops" if result["side"] else "whole photographs"
    rows = (row for row in result["rows"] if row["payload"] in payloads)
    return {**result, "rows": [{**row, "features": tested_on} for row in rows]}


def _of_others(results: Results) -> Iterator[dict[str, Any]]:
    return (result for result in _judged(results) if not _is_of_network(result))


def _is_of_network(result: dict[str, Any]) -> bool:
    return any(row["features"] == _NETWORK for row in result["rows"])


def _judged(results: Results) -> list[dict[str, Any]]:
    return [result for result in results.values() if result["benchmark"] == "judges"]
