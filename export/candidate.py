"""What a model's package hands to the command: graphs that still have to be checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx

from export.parity import Pictures
from training.settings import Settings


@dataclass(frozen=True)
class Candidate:
    """Graphs of a model before they are checked and written.

    Attributes:
        graphs: By their names, such as `hide` and `reveal`.
        weights: What the graphs were built from, whose SHA-256 ties the graphs together.
        training: How the weights were made, for the manifest.
        check: Checks the graphs against their reference on photographs, uint8 (height, width, 3),
            two or more, with at least 160 pixels per side. Returns the differences, for the
            manifest, or raises `export.parity.ParityError`.
        measure: Measures quality on files of photographs, for the manifest.
        summary: Describes the measured quality in lines of text.
        halo: For tiles of networks that map pictures to pictures: the radius of the receptive
            field of each graph, in pixels. None for other models.
    """

    graphs: dict[str, onnx.ModelProto]
    weights: bytes
    training: dict[str, Any]
    check: Callable[[list[Pictures]], dict[str, float]]
    measure: Callable[[list[Path]], dict[str, Any]]
    summary: Callable[[dict[str, Any]], list[str]]
    halo: dict[str, int] | None = None


def training_record(settings: Settings, steps: int) -> dict[str, Any]:
    """What a manifest says of a training run of any model."""
    return {
        "commit": settings.commit,
        "steps": steps,
        "photographs": len(settings.train),
        "width": settings.width,
        "batch": settings.batch,
        "crop": settings.crop,
        "lr": settings.lr,
        "precision": settings.precision,
        "seed": settings.seed,
    }
