"""A Ray cluster of this machine, apart from the programs that use it."""

from __future__ import annotations

import contextlib
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.common.object_store import variables


@dataclass(frozen=True)
class Cluster:
    """A running cluster.

    Attributes:
        address: Of it.
        version: Of Ray.
    """

    address: str
    version: str


@contextlib.contextmanager
def ray_cluster(folder: Path, cores: int) -> Iterator[Cluster]:
    """Starts a cluster of one machine that keeps its files in a folder, and ends it.

    Args:
        folder: For its files, logs included.
        cores: That it may use.

    Raises:
        RuntimeError: It did not start.
    """
    import ray

    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    # As willing to run as other programs; Ray's own default for workers is the least of all.
    with variables(RAY_USAGE_STATS_ENABLED="0", RAY_worker_niceness="0", **token):
        start = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--port=0"]
        start += [f"--num-cpus={cores}", "--include-dashboard=false", f"--temp-dir={folder}"]
        start += ["--object-store-memory=134217728", "--node-ip-address=127.0.0.1"]
        started = subprocess.run(start, capture_output=True, text=True, timeout=300, check=False)
        if started.returncode:
            said = started.stdout[-2000:] + started.stderr[-2000:]
            raise RuntimeError(f"Ray did not start: {said}")
        address = (folder / "ray_current_cluster").read_text().strip()
        mine = [each for each in psutil.process_iter() if str(folder) in command_of(each)]
        try:
            yield Cluster(address, ray.__version__)
        finally:
            for process in mine:
                with contextlib.suppress(psutil.NoSuchProcess):
                    for child in process.children(recursive=True):
                        with contextlib.suppress(psutil.NoSuchProcess):
                            child.kill()
                    process.kill()
            psutil.wait_procs(mine, timeout=10)


def command_of(process: psutil.Process) -> str:
    """The command line of a process; empty if it is gone."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
