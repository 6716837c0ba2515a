"""Measures `plainsight serve` under load, and sends it thousands of good and bad requests."""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from benchmarks.common.provenance import provenance
from benchmarks.common.results import write_result
from benchmarks.service.load import overload, throughput
from benchmarks.service.soak import passed, soak
from runtime.engine.models import DEFAULT


def main(arguments: list[str] | None = None) -> int:
    """Measures; returns 0 if no answer was wrong, memory stayed and no secret was logged."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks service", description=__doc__)
    parser.add_argument(
        "--requests", type=int, default=10_000, metavar="N", help="mixed requests (%(default)s)"
    )
    parser.add_argument(
        "--first",
        type=int,
        default=500,
        metavar="N",
        help="requests between measurements of memory (%(default)s)",
    )
    parser.add_argument(
        "--workers",
        type=int,
        nargs="+",
        default=[1, 2, 4],
        metavar="N",
        help="processes to compare (1 2 4)",
    )
    parser.add_argument(
        "--seconds", type=float, default=20, metavar="N", help="for each load (%(default)s)"
    )
    parser.add_argument(
        "--side", type=int, default=256, help="of the pictures of loads, in pixels (%(default)s)"
    )
    parser.add_argument("--users", type=int, default=8, metavar="N", help="at once (%(default)s)")
    parser.add_argument(
        "--times", type=float, default=4, metavar="N", help="of what is possible (%(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the mixed requests (%(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result to this file")
    options = parser.parse_args(arguments)
    # Before the run, since the checkout may change during it.
    result = {"benchmark": "service", **provenance(DEFAULT), "side": options.side}
    with tempfile.TemporaryDirectory(prefix="service-") as name:
        folder = Path(name)
        loads = throughput(folder, options.workers, options.side, options.users, options.seconds)
        result["throughput"] = loads
        result["overload"] = overload(
            folder, options.side, loads[0], options.times, options.seconds
        )
        result["mixed"] = soak(folder, options.requests, options.first, 2, options.seed)
    print(
        json.dumps({name: result[name] for name in ("throughput", "overload", "mixed")}, indent=1)
    )
    write_result(options.json, result)
    return 0 if passed(result["mixed"]) else 1
