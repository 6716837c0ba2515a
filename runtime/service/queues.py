"""Turns: a few requests work, a few others wait, and the rest are refused."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from runtime.service.answers import Refusal
from runtime.service.metrics import Metrics


class Queue:
    """Lets a few requests work, a few others wait, and refuses the rest.

    Args:
        name: What metrics call it.
        at_once: Requests that work at a time.
        waiting: Most requests that wait.
        metrics: Where it is counted.
    """

    def __init__(self, name: str, at_once: int, waiting: int, metrics: Metrics) -> None:
        self._name, self._limiter, self._most = name, anyio.CapacityLimiter(at_once), waiting
        self._metrics = metrics

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[float]:
        """Waits for a turn, which lasts until the end of the `with` block; gives the time waited.

        Raises:
            Refusal: Too many wait already.
        """
        self.check()
        start = time.perf_counter()
        with self._metrics.waits(self._name):
            await self._limiter.acquire()
        try:
            with self._metrics.works(self._name):
                yield time.perf_counter() - start
        finally:
            self._limiter.release()

    def check(self) -> None:
        """Raises Refusal if too many wait already."""
        if self._limiter.available_tokens < 1 and self.waiting >= self._most:
            raise Refusal(503, "busy", "too many requests are waiting", retry_after=5)

    @property
    def at_work(self) -> int:
        """Requests that have their turn."""
        return self._limiter.borrowed_tokens

    @property
    def waiting(self) -> int:
        """Requests that wait for their turn."""
        return self._limiter.statistics().tasks_waiting
