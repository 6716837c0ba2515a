"""The Ray cluster: connecting to one, what it has room for, and the dataset that does the work."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ray
import ray.data
from ray.exceptions import RayError

from runtime.distributed.attempts import Attempts
from runtime.distributed.settings import Row, Settings
from runtime.distributed.worker import Worker, open_work, quietly, table_of
from runtime.errors import PlainsightError, UsageError

_OBJECT_STORE = 128 << 20  # rows only: pictures never travel through it
_BLOCKS_EACH = 8  # at least, for each worker, so that all end at about the same time
_LEAST, _MOST = 4, 64  # rows of a block
_SHARE = 0.95


@dataclass(frozen=True)
class Room:
    """What one worker gets.

    Attributes:
        cores: Of the CPU.
        gpus: Or a share of one.
        memory: Bytes.
        workers: How many of them.
    """

    cores: int
    gpus: float
    memory: int
    workers: int


def connect(address: str | None) -> None:
    """Connects to a cluster, or starts a Ray on this machine, which ends with this process.

    Raises:
        UsageError: There is no cluster at the address.
    """
    if not (address or os.environ.get("RAY_ADDRESS")):
        # What runs here is nobody else's business.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        # As willing to run as the other commands; Ray's own default gives way to everything else.
        os.environ.setdefault("RAY_worker_niceness", "0")
        more: dict[str, Any] = {
            "address": "local",
            "include_dashboard": False,
            "object_store_memory": _OBJECT_STORE,
        }
    else:
        more = {"address": address}
    logging.getLogger("ray").setLevel(logging.ERROR)
    try:
        ray.init(logging_level=logging.ERROR, log_to_driver=False, **more)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise UsageError(f"there is no Ray cluster at {address}: {error}") from error


def room_for(cores: int, gpus: float, memory: float | None, workers: int | None) -> Room:
    """What workers of such a size get.

    Args:
        cores: Of each.
        gpus: Of each.
        memory: Bytes of each; None for its share of the smallest machine, by cores.
        workers: At most; None for all that there is room for.

    Raises:
        UsageError: No machine has room for one.
    """
    every: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
    nodes = [node["Resources"] for node in every if node["Alive"]]
    able = [n for n in nodes if n.get("CPU", 0) >= cores and n.get("GPU", 0) >= gpus]
    if memory is None:
        shares = [node["memory"] / node["CPU"] * cores for node in able]
        memory = _SHARE * min(shares, default=0)
    fitting = 0
    for node in able:
        fits = [node["CPU"] // cores, node["memory"] // memory]
        if gpus:
            fits.append(node["GPU"] // gpus)
        fitting += int(min(fits))
    if not fitting:
        raise UsageError(
            f"no machine of the cluster has room for a worker of {cores} cores, {gpus:g} GPUs and "
            f"{memory / (1 << 30):.2f} GiB"
        )
    return Room(cores, gpus, int(memory), min(workers or fitting, fitting))


def check_worker(settings: Settings, room: Room) -> tuple[str, str, str]:
    """Opens the model once on a machine of the cluster: its name, its device and why that.

    Raises:
        PlainsightError: Workers could not be made.
    """

    def check() -> tuple[str, str, str]:
        work = open_work(settings)
        return work.model, work.device, work.device_reason

    remote = ray.remote(check).options(
        num_cpus=room.cores, num_gpus=room.gpus, memory=room.memory, max_retries=1
    )
    found: tuple[str, str, str] = quietly(lambda: ray.get(remote.remote()))
    return found


def run_rows(rows: list[Row], settings: Settings, room: Room, *, progress: bool) -> Iterator[str]:
    """Does the rows; yields what is said of each, as JSON, as they are done.

    Raises:
        PlainsightError: Workers cannot be made, or the cluster is gone.
    """
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = progress and sys.stderr.isatty()
    context.print_on_execution_start = context.enable_progress_bars
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    attempts: Any = (
        ray.remote(Attempts).options(num_cpus=0, max_restarts=-1, max_task_retries=-1).remote()
    )
    each = max(_LEAST, min(_MOST, len(rows) // (room.workers * _BLOCKS_EACH)))
    blocks = [table_of(rows[start : start + each]) for start in range(0, len(rows), each)]
    workers = min(room.workers, len(blocks))
    done = ray.data.from_arrow(blocks).map_batches(
        Worker,
        fn_constructor_args=(settings, attempts),
        batch_size=None,
        batch_format="pyarrow",
        # Two blocks at a time, so that a worker does not wait at the end of each.
        compute=ray.data.ActorPoolStrategy(
            size=workers, max_concurrent_calls_per_actor=2, enable_true_multi_threading=True
        ),
        num_cpus=room.cores,
        num_gpus=room.gpus or None,
        # A lost worker is started again, and its blocks are done again: Ray Data's own default.
        memory=room.memory,
    )
    try:
        tables: Any = done.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0)
        for table in tables:
            yield from table.column("record").to_pylist()
    except RayError as error:
        raise PlainsightError(f"Ray stopped the run: {_last_line(error)}") from error


def _last_line(error: Exception) -> str:
    return str(error).strip().splitlines()[-1][:500]
