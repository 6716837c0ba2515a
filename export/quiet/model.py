"""Builds the graph of `quiet` from its filters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from export.candidate import Candidate
from export.operators import check_operators
from export.parity import ParityError, Pictures, session
from export.quiet.costs import build_costs, reference
from export.quiet.filters import Filters, read_filters
from export.quiet.measure import measure, summary

_MOST_OFF = 1e-3  # relative; sums of what differs by ten orders of magnitude


def build(source: Path, values: dict[str, Any]) -> Candidate:  # noqa: ARG001
    """Builds the graph from a file of filters; see `export.models.Module`."""
    filters = read_filters(source)
    graph = build_costs(filters)
    check_operators(graph)
    serialized = graph.SerializeToString()
    return Candidate(
        {"costs": graph},
        source.read_bytes(),
        {"filters": source.name},
        lambda photographs: _check(serialized, filters, photographs),
        lambda files: measure(serialized, files),
        summary,
    )


def _check(graph: bytes, filters: Filters, photographs: list[Pictures]) -> dict[str, float]:
    """Compares the graph with the reference; see `Candidate.check`."""
    run, worst, off = session(graph).run, 0.0, 0.0
    for photograph in photographs[:2]:
        picture = np.ascontiguousarray(photograph[:150, :131])
        costs, correlations = run(None, {"picture": picture})
        expected = reference(picture, filters)
        worst = max(worst, float(np.abs(costs / expected.costs - 1).max()))
        off = max(off, float(np.abs(correlations - expected.correlations).max()))
    if max(worst, off) > _MOST_OFF:
        raise ParityError(
            f"costs differ from their reference by up to {worst:.2%}, correlations by {off:.1g}"
        )
    return {
        "relative_difference": float(f"{worst:.1e}"),
        "difference_of_correlations": float(f"{off:.1e}"),
    }
