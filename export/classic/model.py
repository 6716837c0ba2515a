"""Builds the graphs of `classic` from a training run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from export.candidate import Candidate, training_record
from export.classic import convert
from export.classic.parity import check_parity
from export.classic.quality import measure, summary
from training import checkpoint
from training.classic.shape import WIDTHS
from training.session import load_trained


def build(source: Path, values: dict[str, Any]) -> Candidate:  # noqa: ARG001
    """Converts the networks of a training run; see `export.models.Module`."""
    model, settings, steps = load_trained(source, "classic")
    keras_hide = convert.hide_function(model)
    keras_reveal = convert.reveal_function(model)
    graphs = {
        "hide": convert.to_onnx(keras_hide, ("cover", "secret")),
        "reveal": convert.to_onnx(keras_reveal, ("container",)),
    }
    hide, reveal = (graph.SerializeToString() for graph in graphs.values())
    config = WIDTHS[settings.width]
    return Candidate(
        graphs=graphs,
        weights=(source / checkpoint.NAME).read_bytes(),
        training={
            **training_record(settings, steps),
            "filters": list(config.filters),
            "start": settings.start,
            **settings.own,
        },
        check=lambda photographs: check_parity(
            hide,
            reveal,
            lambda *pair: keras_hide(*pair)["container"].numpy(),
            lambda *container: keras_reveal(*container)["secret"].numpy(),
            photographs,
        ),
        measure=lambda files: measure(hide, reveal, files),
        summary=summary,
        halo=model.halo,
    )
