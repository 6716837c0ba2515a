"""`python -m export`: writes a model's ONNX graphs, checked against what they were made from."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from export.models import MODELS
from training.options import add_own_options, own_values


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m export",
        description="Write a model's graphs and manifest.json. Nothing is written unless the "
        "graphs are valid and equal to the networks and tables that they are made from.",
    )
    sources = "; ".join(f"{name}: {model.source}" for name, model in MODELS.items())
    parser.add_argument("source", type=Path, metavar="RUN_OR_TABLES", help=sources)
    parser.add_argument("--model", choices=[*MODELS], required=True, help="what to export")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder of the model")
    parser.add_argument(
        "--photographs",
        type=Path,
        help="folder of photographs to measure quality on (default: four from scikit-image)",
    )
    add_own_options(parser, {name: model.options for name, model in MODELS.items()})
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    options = _parser().parse_args(arguments)
    try:
        _export(options)
    except (OSError, ValueError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; nothing was written", file=sys.stderr)
        return 130
    return 0


def _export(options: argparse.Namespace) -> None:
    from export import manifest
    from export.bundled import bundled_photographs
    from training.photographs import find_photographs

    model = MODELS[options.model]
    own = {name: other.options for name, other in MODELS.items()}
    candidate = model.load().build(options.source, own_values(options, options.model, own))
    with bundled_photographs() as bundled:
        parity = candidate.check([picture for _, picture in bundled])
        files = [path for path, _ in bundled]
        name = "scikit-image"
        if options.photographs:
            files, name = find_photographs(options.photographs), options.photographs.name
        print(f"the graphs are correct; measuring on {len(files)} photographs", flush=True)
        quality = {"photographs": name, "pairs": len(files), **candidate.measure(files)}
    description = manifest.describe(
        options.model,
        model.scheme,
        model.format_version,
        halo=candidate.halo,
        training=candidate.training,
        weights_sha256=manifest.sha256(candidate.weights),
        quality=quality,
        parity={key: round(value, 8) for key, value in parity.items()},
    )
    manifest.write(options.out, description, candidate.graphs)
    for line in candidate.summary(quality):
        print(f"{options.out}: {line}")


if __name__ == "__main__":
    sys.exit(main())
