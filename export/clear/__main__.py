"""Builds the graphs of `clear` from its fitted tables: python -m export.clear TABLES -o FOLDER."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from export.clear.hide import build_hide
from export.clear.reveal import build_reveal
from training.clear.tables import Tables
from training.files import write_whole


def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m export.clear", description=__doc__)
    parser.add_argument("tables", type=Path, help="what training.clear.fit wrote")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder for the graphs")
    settings = parser.parse_args(arguments)
    tables = Tables.load(settings.tables)
    for name, build in (("hide", build_hide), ("reveal", build_reveal)):
        graph = build(tables).SerializeToString(deterministic=True)
        write_whole(settings.output / f"{name}.onnx", graph)
        print(f"{settings.output / name}.onnx: {len(graph)} bytes", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
