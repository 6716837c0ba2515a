"""Builds the graphs of `clear` from the codec's tables and, optionally, a training run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from codec.tables import Tables
from export import manifest
from export.candidate import Candidate, training_record
from export.clear.estimate import build_estimate
from export.clear.hide import build_hide
from export.clear.measure import BITS, SessionGraph, measure
from export.clear.parity import Refine, check_against_reference
from export.clear.restore import Restore
from export.clear.reveal import build_reveal
from export.operators import check_operators
from export.parity import Pictures


def build(source: Path, values: dict[str, Any]) -> Candidate:
    """Builds the graphs from the tables at `source`; see `export.models.Module`."""
    tables, weights = Tables.load(source), source.read_bytes()
    network: Restore | None = None
    refine: Refine | None = None
    training: dict[str, Any] = {"modes": tables.modes}
    if values["network"] is not None:
        # Only this needs Keras.
        from export.clear.trained import load_network, weights_of

        trained = load_network(values["network"])
        if trained.settings.own["tables"] != manifest.sha256(weights):
            raise ValueError(f"{values['network']} was trained on other tables than {source}")
        network, refine = weights_of(trained.network, trained.config), trained.refine
        weights += trained.checkpoint.read_bytes()
        record = training_record(trained.settings, trained.steps)
        training["network"] = {**record, "passes": trained.settings.own["passes"]}
    graphs = {
        "hide": build_hide(tables),
        "estimate": build_estimate(tables),
        "reveal": build_reveal(tables, network),
    }
    for graph in graphs.values():
        check_operators(graph)
    serialized = {name: graph.SerializeToString() for name, graph in graphs.items()}

    def check(photographs: list[Pictures]) -> dict[str, float]:
        share = check_against_reference(serialized, tables, photographs, refine)
        return {"differing_samples": share}

    def measure_all(files: list[Path]) -> dict[str, Any]:
        # Without times: those are the business of benchmarks, on an otherwise idle machine.
        opened = {name: SessionGraph(graph) for name, graph in serialized.items()}
        rows = [measure(opened, files, bits) for bits in BITS]
        kept = ("revealed_psnr", "revealed_ssim")
        return {"by_bits": {f"{row['bits']:g}": {k: row[k] for k in kept} for row in rows}}

    return Candidate(graphs, weights, training, check, measure_all, _summary)


def _summary(quality: dict[str, Any]) -> list[str]:
    lines = []
    for bits, row in quality["by_bits"].items():
        revealed = row["revealed_psnr"]
        lines.append(
            f"{bits} bits per sample: revealed {revealed['mean']:.2f} dB "
            f"(worst {revealed['worst']:.2f})"
        )
    return lines
