"""Thousands of mixed requests: no wrong answer, steady memory, and no secret in any log line."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.service.cases import (
    CASES,
    MAX_MEGABYTES,
    MAX_MEGAPIXELS,
    SECONDS_TO_SEND,
    Case,
    Run,
    make_pairs,
)
from benchmarks.service.server import Server, serving

_USERS = 6
_SHOWN = 20
_MOST_GROWTH = 0.10
_REST = 0.5


def soak(folder: Path, count: int, first: int, workers: int, seed: int) -> dict[str, Any]:
    """Sends requests; returns counts, and what was wrong.

    Args:
        folder: For the log.
        count: Requests.
        first: Those after which memory is first measured.
        workers: Processes of the service.
        seed: Of the choice of requests.
    """
    token = f"horse{secrets.token_hex(8)}"
    pairs = make_pairs(token)
    options = {
        "workers": workers,
        "waiting": 2 * _USERS,
        "max-megabytes": MAX_MEGABYTES,
        "max-megapixels": MAX_MEGAPIXELS,
        "seconds-to-send": SECONDS_TO_SEND,
        "drain-seconds": 0.2,
    }
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    start = time.monotonic()
    with serving(folder, *words) as server:
        run = Run(server.address, token, pairs, random.Random(seed))
        outcomes, wrong, memory = asyncio.run(_send(server, run, count, first))
        server.stop()
        lines = server.log.read_text(errors="replace").splitlines()
    grown = memory[-1][1] / memory[0][1] - 1
    leaked = sum(token in line for line in lines)
    internal = sum('"failure"' in line or '"internal"' in line for line in lines)
    return {
        "requests": count,
        "outcomes": {kind: dict(sorted(names.items())) for kind, names in outcomes.items()},
        "wrong": len(wrong),
        "examples_of_wrong": wrong[:_SHOWN],
        "memory_mib": memory,
        "memory_growth": round(grown, 4),
        "memory_stays": abs(grown) <= _MOST_GROWTH,
        "log_lines": len(lines),
        "log_lines_that_are_not_json": sum(not line.startswith("{") for line in lines),
        "log_lines_with_a_secret": leaked,
        "log_lines_of_unexpected_errors": internal,
        "exit_code": server.exit_code,
        "took_seconds": round(time.monotonic() - start, 1),
    }


def passed(report: dict[str, Any]) -> bool:
    """Whether nothing was wrong."""
    zero = ("wrong", "log_lines_with_a_secret", "log_lines_of_unexpected_errors", "exit_code")
    return bool(report["memory_stays"]) and all(report[name] == 0 for name in zero)


async def _send(
    server: Server, run: Run, count: int, first: int
) -> tuple[dict[str, Counter[str]], list[str], list[list[float]]]:
    every = [
        (kind, name, weight, case)
        for kind, cases in CASES.items()
        for name, (weight, case) in cases.items()
    ]
    chosen = run.random.choices(every, [weight for _, _, weight, _ in every], k=count)
    outcomes: dict[str, Counter[str]] = {kind: Counter() for kind in CASES}
    wrong: list[str] = []
    memory: list[list[float]] = []

    async def user(waiting: Iterator[tuple[str, str, float, Case]]) -> None:
        for kind, name, _, case in waiting:
            problem = await _tried(case, run)
            outcomes[kind][name] += 1
            if problem is not None:
                wrong.append(f"{name}: {problem}")

    for start in range(0, count, first):
        part = iter(chosen[start : start + first])
        await asyncio.gather(*(user(part) for _ in range(_USERS)))
        # At rest: a derivation of keys alone takes 64 MiB for a tenth of a second.
        await asyncio.sleep(_REST)
        memory.append([min(start + first, count), round(server.memory(), 1)])
    return outcomes, wrong, memory


async def _tried(case: Case, run: Run) -> str | None:
    try:
        return await case(run)
    except (OSError, TimeoutError, ValueError, KeyError) as error:
        return repr(error)
