"""A `plainsight serve` of one's own, with its log and its memory."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.common.command import GateError
from benchmarks.service.client import Address

_MIB = 1 << 20
_PATIENCE = 60.0


class Server:
    """A running service.

    Attributes:
        address: Where it listens.
        log: The file that its standard output goes to, and its errors.
        exit_code: After it has stopped.
    """

    def __init__(self, process: subprocess.Popen[bytes], address: Address, log: Path) -> None:
        self.address, self.log = address, log
        self.exit_code: int | None = None
        self._process = process

    def memory(self) -> float:
        """Resident memory of all of its processes in MiB."""
        return float(sum(each.memory_info().rss for each in self._processes())) / _MIB

    def processor_seconds(self) -> float:
        """Processor time that all of its processes have used."""
        times = [process.cpu_times() for process in self._processes()]
        return float(sum(each.user + each.system for each in times))

    def _processes(self) -> list[psutil.Process]:
        main = psutil.Process(self._process.pid)
        return [main, *main.children(recursive=True)]

    def stop(self) -> None:
        """Asks it to stop, and waits until it has."""
        self._process.send_signal(signal.SIGTERM)
        self.exit_code = self._process.wait(_PATIENCE)


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[Server]:
    """Starts a service on a free port, and stops it.

    Raises:
        GateError: It does not start.
    """
    log = folder / "service.log"
    command = [sys.executable, "-m", "runtime", "serve", "--port", "0", *options]
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=subprocess.STDOUT)
    try:
        server = Server(process, _address(process, log), log)
        yield server
        if server.exit_code is None:
            server.stop()
    finally:
        process.kill()
        process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> Address:
    end = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < end:
        lines = [json.loads(line) for line in log.read_text().splitlines() if line.endswith("}")]
        ready = sum(line["event"] == "ready" for line in lines)
        if lines and ready == lines[0]["workers"]:
            return lines[0]["host"], lines[0]["port"]
        time.sleep(0.05)
    raise GateError(f"the service does not start: {log.read_text()}")
