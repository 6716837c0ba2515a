"""Several things done at a time, in threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Thing = TypeVar("_Thing")


def for_each(do: Callable[[_Thing], None], things: Sequence[_Thing], workers: int) -> None:
    """Does something with each thing, as many at a time as there are workers.

    An exception, Ctrl-C included, is raised once what was begun has ended; no more is begun.
    """
    if min(workers, len(things)) < 2:
        for thing in things:
            do(thing)
        return
    with ThreadPoolExecutor(min(workers, len(things)), thread_name_prefix="plainsight") as pool:
        try:
            for future in [pool.submit(do, thing) for thing in things]:
                future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
