"""`python -m benchmarks.robustness fuzz|kill|memory|throughput`, each with `--json FILE`."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.provenance import provenance
from benchmarks.robustness import fuzz, kill, memory, throughput
from runtime._models import DEFAULT, load_model

_COMMANDS = {"fuzz": fuzz, "kill": kill, "memory": memory, "throughput": throughput}


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; returns 0 if all is well, 1 if something failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.robustness", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, module in _COMMANDS.items():
        command = commands.add_parser(name, help=module.SUMMARY, description=module.__doc__)
        command.add_argument(
            "--json", type=Path, metavar="FILE", help="replace this command's part of that file"
        )
        module.configure(command)
    options = parser.parse_args(arguments)
    start = time.perf_counter()
    # Before the run, during which the checkout may move on.
    made_by = provenance(load_model(DEFAULT))
    try:
        report, well = _COMMANDS[options.command].run(options)
    except KeyboardInterrupt:
        print("interrupted; nothing was written", file=sys.stderr)
        return 130
    report["took_seconds"] = round(time.perf_counter() - start)
    print(json.dumps(report, indent=2))
    if options.json:
        _write(options.json, options.command, {**made_by, **report})
    return 0 if well else 1


def _write(path: Path, command: str, report: dict[str, Any]) -> None:
    whole = json.loads(path.read_text()) if path.exists() else {}
    whole[command] = report
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(whole, indent=2) + "\n")
    print(f"written to {path}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
