"""`python -m benchmarks.robustness NAME [--json FILE]`, a measurement each."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.common.provenance import provenance
from benchmarks.common.results import write_file
from benchmarks.robustness import cluster, false_finds, fuzz, kill, memory, readings, throughput
from runtime.engine.models import DEFAULT

_COMMANDS = {
    "cluster": cluster,
    "false-finds": false_finds,
    "fuzz": fuzz,
    "kill": kill,
    "memory": memory,
    "readings": readings,
    "throughput": throughput,
}


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; returns 0 if nothing failed, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.robustness", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, module in _COMMANDS.items():
        command = commands.add_parser(name, help=module.SUMMARY, description=module.__doc__)
        command.add_argument(
            "--json",
            type=Path,
            metavar="FILE",
            help="write the result to this file, beside those of the other commands",
        )
        module.configure(command)
    options = parser.parse_args(arguments)
    start = time.perf_counter()
    # Before the run, since the checkout may change during it.
    origin = provenance(DEFAULT)
    try:
        report, passed = _COMMANDS[options.command].run(options)
    except KeyboardInterrupt:
        print("interrupted; nothing was written", file=sys.stderr)
        return 130
    report["took_seconds"] = round(time.perf_counter() - start)
    print(json.dumps(report, indent=2))
    if options.json:
        _write(options.json, options.command, {**origin, **report})
    return 0 if passed else 1


def _write(path: Path, command: str, report: dict[str, Any]) -> None:
    reports = json.loads(path.read_text()) if path.exists() else {}
    reports[command] = report
    write_file(path, (json.dumps(reports, indent=2) + "\n").encode())


if __name__ == "__main__":
    sys.exit(main())
