"""Work side by side, in threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Item = TypeVar("_Item")


def for_each(do: Callable[[_Item], None], items: Sequence[_Item], workers: int) -> None:
    """Calls `do` with each item, at most `workers` at a time.

    After an exception, Ctrl-C included, no further item is started; it is raised once those that
    were started have finished.
    """
    if min(workers, len(items)) < 2:
        for item in items:
            do(item)
        return
    with ThreadPoolExecutor(min(workers, len(items)), thread_name_prefix="plainsight") as pool:
        try:
            for future in [pool.submit(do, item) for item in items]:
                future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
