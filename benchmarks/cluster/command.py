"""`python -m benchmarks cluster [PART ...]`: memory, rates, the ratio to one process, and sizes.

Needs `pip install 'plainsight-onnx[ray]'`. Sizes are computed from rates and from the ratio.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.cluster import memory, rates, ratio, sizing
from benchmarks.common.provenance import provenance
from benchmarks.common.results import write_file
from runtime.engine.models import DEFAULT

PAGE = Path(__file__).parents[2] / "docs" / "cluster.md"
_PARTS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "memory": lambda _: memory.measure(),
    "rates": lambda _: rates.measure(),
    "ratio": lambda options: ratio.measure(times=options.times),
}


def main(arguments: list[str] | None = None) -> int:
    """Measures the parts, and adds them to those of the file; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks cluster",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"{', '.join(_PARTS)} (default: all)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result to this file")
    parser.add_argument(
        "--times", type=int, default=3, metavar="N", help="runs of each for ratio (%(default)s)"
    )
    parser.add_argument("--write", action="store_true", help="write the sizes into docs/cluster.md")
    options = parser.parse_args(arguments)
    wrong = set(options.parts) - set(_PARTS)
    if wrong:
        parser.error(f"there is no part {', '.join(wrong)}")
    report: dict[str, Any] = {}
    if options.json and options.json.exists():
        report = json.loads(options.json.read_text())
    report |= {"benchmark": "cluster", **provenance(DEFAULT)}
    for name in options.parts or _PARTS:
        report[name] = _PARTS[name](options)
    if "rates" in report and "ratio" in report:
        driver = report["ratio"]["driver_seconds_per_picture"]
        report["sizes"] = {
            command: sizing.sizes(report["rates"][command], driver)
            for command in ("hide", "reveal")
        }
        report["assumed"] = vars(sizing.ASSUMED)
        print(sizing.table(report), file=sys.stderr)
    if options.write:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(sizing.updated(page, report), encoding="utf-8")
    if options.json:
        write_file(options.json, (json.dumps(report, indent=2) + "\n").encode())
    else:
        print(json.dumps(report, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
