"""What the models cost: parameters, multiply-accumulates per pixel, and file sizes.

Every operator is counted as it runs, with its real shapes, inside loops once per iteration: from
ONNX Runtime's own profile of all runs that hide and reveal one photograph, without fusion.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.common.command import add_models, add_outputs, guarded
from benchmarks.common.configurations import (
    COMPARED,
    add_options,
    chosen_options,
    code_only,
)
from benchmarks.common.photographs import cover_and_secret
from benchmarks.common.provenance import provenance
from benchmarks.common.recording import recorded
from benchmarks.common.results import write_result
from benchmarks.cost.counting import counted, stored
from benchmarks.cost.published import PUBLISHED
from benchmarks.cost.table import markdown
from runtime.engine.models import load_model


@dataclass(frozen=True)
class Cost:
    """What one graph costs. The names of the attributes are the keys of the result file.

    Attributes:
        name: Name of the model.
        part: Name of the graph.
        bits: Payload in bits per sample that it was run with; None if there is no such option.
        parameters: Floating-point numbers in the tensors of the file, single values excluded.
        table_entries: Integers in the same tensors: tables of a code, not weights of a network.
        bytes: Size of the file.
        runs: How often it is run for the picture.
        macs: Multiply-accumulates per pixel of the picture, in matrix products and convolutions.
        elements: Values per pixel that all other operators wrote.
        nodes: Operators run; those in loops count once per iteration.

    All runs for one picture are counted.
    """

    name: str
    part: str
    bits: int | None
    parameters: int
    table_entries: int
    bytes: int
    runs: int
    macs: float
    elements: float
    nodes: int


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks cost", description=__doc__)
    add_models(parser)
    parser.add_argument(
        "--side", type=int, default=512, help="width and height in pixels (%(default)s)"
    )
    add_options(parser)
    add_outputs(parser)
    options = parser.parse_args(arguments)
    return guarded(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    models = options.model or COMPARED
    costs = [
        cost
        for model in models
        for cost in measure(model, options.side, chosen_options(options, model))
    ]
    result = {
        "benchmark": "cost",
        "side": options.side,
        **provenance(*models),
        "costs": [asdict(cost) for cost in costs],
        "published": [asdict(other) for other in PUBLISHED],
    }
    print(markdown(result))
    write_result(options.json, result)
    return 0


def measure(model: str | Path, side: int, options: Mapping[str, Any]) -> list[Cost]:
    """Counts what the graphs of a model do when it hides and reveals one picture as code.

    Args:
        model: Name, or path of a model folder.
        side: Width and height of the pictures in pixels.
        options: Those of the model's scheme, by name.
    """
    loaded = load_model(model)
    runs = recorded(model, *cover_and_secret(side, side), {**options, **code_only(model)})
    costs = []
    for name, feeds in runs.items():
        graph = loaded.graph(name)
        counts = [counted(graph, feed) for feed in feeds]
        weights, entries = stored(graph)
        costs.append(
            Cost(
                name=loaded.name,
                part=name,
                bits=options.get("bits"),
                parameters=weights,
                table_entries=entries,
                bytes=len(graph),
                runs=len(feeds),
                macs=sum(count.macs for count in counts) / side**2,
                elements=sum(count.elements for count in counts) / side**2,
                nodes=sum(count.nodes for count in counts),
            )
        )
    return costs
