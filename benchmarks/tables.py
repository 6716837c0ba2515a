"""The tables of README.md and docs/evidence.md, made from results/*.json.

Each stands between two comments, `<!-- table: NAME -->` and `<!-- end of table -->`; what is
between them is nobody's to write by hand.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import cost, detectability, latency_tables, quality, survival, verdict
from benchmarks.command import guarded, read_json, whole_file

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "docs/evidence.md")
Results = dict[str, dict[str, Any]]
"""Results by the name of their file without its ending."""

_BLOCK = re.compile(r"<!-- table: ([a-z-]+) -->\n(.*?)<!-- end of table -->", re.DOTALL)

TABLES: dict[str, Callable[[Results], str]] = {
    "quality": lambda results: quality.markdown(results["quality"]["rows"]),
    "survival": lambda results: survival.markdown(results["survival"]),
    "detectability": lambda results: detectability.markdown(results["detectability"]),
    "cost": lambda results: cost.markdown(results["cost"]),
    "latency": latency_tables.single,
    "latency-memory": latency_tables.memory,
    "latency-passphrase": latency_tables.passphrase,
    "latency-cold": latency_tables.cold,
    "latency-folder": latency_tables.folder,
    "latency-batch": latency_tables.batch,
    "latency-concurrent": latency_tables.concurrent,
    "for-us": verdict.for_us,
    "against-us": verdict.against_us,
    "measured-on": verdict.measured_on,
}


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks tables", description=__doc__)
    parser.add_argument("--results", type=Path, default=ROOT / "results", metavar="DIR")
    parser.add_argument("--pages", type=Path, nargs="+", help=f"({' '.join(PAGES)})")
    parser.add_argument(
        "--write", action="store_true", help="write them; else say which differ, exit code 1"
    )
    options = parser.parse_args(arguments)
    return guarded(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    results = read_results(options.results)
    differing = 0
    for page in options.pages or [ROOT / name for name in PAGES]:
        text = page.read_text()
        new, names = renewed(text, results)
        differing += len(names)
        if names:
            print(f"{page}: {', '.join(names)} {'written' if options.write else 'differ'}")
        if options.write and names:
            with whole_file(page) as partial_file:
                partial_file.write_text(new)
    if not differing:
        print("all tables are those of the results", file=sys.stderr)
    return 1 if differing and not options.write else 0


def read_results(folder: Path) -> Results:
    """All results of a folder, by name."""
    return {path.stem: read_json(path) for path in sorted(folder.glob("*.json"))}


def renewed(text: str, results: Results) -> tuple[str, list[str]]:
    """A page with its tables made anew, and the names of those that changed.

    Raises:
        ValueError: The page asks for a table that there is not, or a result is missing.
    """
    changed: list[str] = []
    return _BLOCK.sub(partial(_block, results, changed), text), changed


def _block(results: Results, changed: list[str], found: re.Match[str]) -> str:
    name = found[1]
    if name not in TABLES:
        raise ValueError(f"there is no table {name!r}; there are {', '.join(TABLES)}")
    try:
        table = TABLES[name](results)
    except KeyError as error:
        raise ValueError(f"the result {error} for the table {name} is missing") from error
    block = f"<!-- table: {name} -->\n{table}\n<!-- end of table -->"
    if block != found[0]:
        changed.append(name)
    return block
