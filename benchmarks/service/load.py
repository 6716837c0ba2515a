"""Throughput against workers, and what happens when more comes than can be done."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import Counter
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import skimage.data

import runtime
from benchmarks.service.client import GET, Address, Answer, exchange, form, request
from benchmarks.service.server import serving

_TIMEOUT = 60.0
_HEALTH_EVERY = 0.25


def requests_of(side: int) -> list[bytes]:
    """A request to hide a photograph in another, and one to reveal it."""
    files = {}
    for name, source in (("cover", "coffee"), ("secret", "astronaut")):
        picture = cv2.resize(getattr(skimage.data, source)()[:384, :384], (side, side))
        extension = ".png" if name == "cover" else ".jpg"
        files[name] = (name, cv2.imencode(extension, np.asarray(picture)[..., ::-1])[1].tobytes())
    container = runtime.Hider().hide(files["cover"][1], files["secret"][1])
    return [
        request("/hide", form(files)),
        request("/reveal", form({"container": ("container", container)})),
    ]


def throughput(
    folder: Path, workers: list[int], side: int, users: int, seconds: float
) -> list[dict[str, Any]]:
    """Answers per second of users that each send a request when they have their last answer."""
    rows = []
    for count in workers:
        options = ("--workers", str(count), "--waiting", str(users), "--drain-seconds", "0")
        with serving(folder, *options) as server:
            asyncio.run(_closed(server.address, side, users, min(seconds, 3)))  # warm up
            before = server.processor_seconds()
            answers, took = asyncio.run(_closed(server.address, side, users, seconds))
            used = server.processor_seconds() - before
            memory = server.memory()
        refused = sum(answer.status != 200 for answer in answers)
        rows.append(
            {
                "workers": count,
                "users": users,
                "answers_per_second": round((len(answers) - refused) / took, 2),
                "refused": refused,
                "seconds": _seconds([answer for answer in answers if answer.status == 200]),
                "processor_seconds_per_answer": round(used / max(len(answers), 1), 4),
                "mib": round(memory, 1),
            }
        )
    return rows


async def _closed(
    address: Address, side: int, users: int, seconds: float
) -> tuple[list[Answer], float]:
    bodies = requests_of(side)
    answers: list[Answer] = []
    start = time.monotonic()

    async def user(number: int) -> None:
        while time.monotonic() < start + seconds:
            number += 1
            answers.append(await exchange(address, bodies[number % 2], timeout=_TIMEOUT))

    await asyncio.gather(*map(user, range(users)))
    return answers, time.monotonic() - start


def overload(
    folder: Path, side: int, normal: dict[str, Any], times: float, seconds: float
) -> dict[str, Any]:
    """Sends so many times more requests per second than can be answered.

    Its client runs on the same machine and takes much of it, so `of_what_is_possible` is a lower
    bound; what a refusal takes of the processor says what it does to a server that has its own.
    """
    possible = normal["answers_per_second"]
    with serving(folder, "--drain-seconds", "0") as server:
        asyncio.run(_closed(server.address, side, 2, min(seconds, 3)))  # warm up
        before = server.processor_seconds()
        answers, health, took = asyncio.run(_open(server.address, side, possible * times, seconds))
        used = server.processor_seconds() - before
        memory = server.memory()
    done = [answer for answer in answers if answer.status == 200]
    busy = [answer for answer in answers if answer.code == "busy"]
    outcomes = Counter(f"{answer.status} {answer.code}".strip() for answer in answers)
    for_answers = len(done) * normal["processor_seconds_per_answer"]
    return {
        "times": times,
        "sent_per_second": round(len(answers) / seconds, 2),
        "outcomes": dict(sorted(outcomes.items())),
        "answers_per_second": round(len(done) / took, 2),
        "of_what_is_possible": round(len(done) / took / possible, 3),
        "processor_seconds": round(used, 2),
        "processor_seconds_per_refusal": round((used - for_answers) / max(len(busy), 1), 5),
        "seconds": _seconds(done),
        "seconds_of_refusals": _seconds(busy),
        "seconds_of_health": _seconds(health),
        "mib": round(memory, 1),
    }


async def _open(
    address: Address, side: int, rate: float, seconds: float
) -> tuple[list[Answer], list[Answer], float]:
    bodies = requests_of(side)
    start = time.monotonic()

    async def at(when: float, content: bytes) -> Answer:
        await asyncio.sleep(max(start + when - time.monotonic(), 0))
        return await exchange(address, content, timeout=_TIMEOUT)

    count = int(rate * seconds)
    sent = [at(number / rate, bodies[number % 2]) for number in range(count)]
    probe = GET.format("/health").encode()
    probes = [at(number * _HEALTH_EVERY, probe) for number in range(int(seconds / _HEALTH_EVERY))]
    answers, health = await asyncio.gather(asyncio.gather(*sent), asyncio.gather(*probes))
    return answers, health, time.monotonic() - start


def _seconds(answers: list[Answer]) -> dict[str, float] | None:
    if len(answers) < 2:
        return None
    points = statistics.quantiles((answer.seconds for answer in answers), n=100)
    return {"p50": round(points[49], 4), "p99": round(points[98], 4)}
