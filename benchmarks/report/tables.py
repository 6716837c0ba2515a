"""Writes the tables of README.md, SECURITY.md and pages of docs from results/*.json.

Each table is between two comments, `<!-- table: NAME -->` and `<!-- end of table -->`. Do not edit
it there: this command overwrites it.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import benchmarks.cost.table as cost
import benchmarks.detectability.judges.table as judges
import benchmarks.detectability.table as detectability
import benchmarks.embedding.table as embedding
import benchmarks.exact.table as exact
import benchmarks.latency.tables as latency
import benchmarks.quality.table as quality
import benchmarks.survival.table as survival
from benchmarks.common.command import guarded
from benchmarks.common.results import Results, read_results, write_file
from benchmarks.quality.rows import group_by
from benchmarks.report import statements

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "SECURITY.md", "docs/evidence.md", "docs/quiet.md")

_BLOCK = re.compile(r"<!-- table: ([a-z-]+) -->\n(.*?)<!-- end of table -->", re.DOTALL)


def _quality(name: str, results: Results) -> str:
    return quality.markdown(group_by(results["quality"], name))


TABLES: dict[str, Callable[[Results], str]] = {
    "quality": lambda results: quality.short(group_by(results["quality"], "different")),
    "quality-different": partial(_quality, "different"),
    "quality-same": partial(_quality, "same"),
    "quality-large": partial(_quality, "large"),
    "quality-extreme": partial(_quality, "extreme"),
    "cases": lambda results: quality.cases(group_by(results["quality"], "different")),
    "exact": lambda results: exact.markdown(results["exact"]),
    "exact-speed": lambda results: exact.speed(results["exact"]),
    "exact-memory": lambda results: exact.memory(results["exact"]),
    "survival": lambda results: survival.markdown(
        survival.joined(results["survival"], results["survival-quiet"])
    ),
    "survival-robust": lambda results: survival.markdown(results["survival-robust"]),
    "survival-platforms": lambda results: survival.markdown(results["survival-platforms"]),
    "detectability": lambda results: detectability.markdown(results["detectability"]),
    "residues": lambda results: detectability.residues(results["detectability"]),
    "residue-found": lambda results: detectability.found(results["detectability"]),
    "judges": judges.crops,
    "judges-halved": judges.halved,
    "judges-network": judges.network,
    "judges-whole": judges.whole,
    "embedding-quality": lambda results: embedding.quality(results["embedding"]),
    "embedding-efficiency": lambda results: embedding.efficiency(results["embedding"]),
    "guess": statements.guess,
    "cost": lambda results: cost.markdown(results["cost"]),
    "latency": latency.single,
    "latency-memory": latency.memory,
    "latency-passphrase": latency.passphrase,
    "latency-cold": latency.cold,
    "latency-folder": latency.folder,
    "latency-batch": latency.batch,
    "latency-concurrent": latency.concurrent,
    "strengths": statements.strengths,
    "limitations": statements.limitations,
    "measured-on": statements.measured_on,
}


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks tables", description=__doc__)
    parser.add_argument("--results", type=Path, default=ROOT / "results", metavar="DIR")
    parser.add_argument(
        "--pages", type=Path, nargs="+", help=f"pages with tables (default: {' '.join(PAGES)})"
    )
    parser.add_argument(
        "--write",
        action="store_true",
        help="write the tables; without this, only list those that differ (exit code 1)",
    )
    options = parser.parse_args(arguments)
    return guarded(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    results = read_results(options.results)
    differing = 0
    for page in options.pages or [ROOT / name for name in PAGES]:
        new, names = updated(page.read_text(), results)
        differing += len(names)
        if names:
            print(f"{page}: {', '.join(names)} {'written' if options.write else 'differ'}")
        if options.write and names:
            write_file(page, new.encode())
    if not differing:
        print("all tables agree with the results", file=sys.stderr)
    return 1 if differing and not options.write else 0


def updated(text: str, results: Results) -> tuple[str, list[str]]:
    """A page with all tables written from the results, and the names of those that changed.

    Raises:
        ValueError: The page has a table with an unknown name, or a result is missing.
    """
    changed: list[str] = []
    return _BLOCK.sub(partial(_block, results, changed), text), changed


def _block(results: Results, changed: list[str], match: re.Match[str]) -> str:
    name = match[1]
    if name not in TABLES:
        raise ValueError(f"unknown table {name!r}; the tables are {', '.join(TABLES)}")
    try:
        table = TABLES[name](results)
    except KeyError as error:
        raise ValueError(f"result {error} is missing, which table {name!r} needs") from error
    block = f"<!-- table: {name} -->\n{table}\n<!-- end of table -->"
    if block != match[0]:
        changed.append(name)
    return block
