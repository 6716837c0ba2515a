"""Several processes on one socket: started, restarted when they die, and stopped together."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

from prometheus_client.multiprocess import mark_process_dead

from runtime.cli.run import DONE, SOME_FAILED
from runtime.service.logs import log
from runtime.service.settings import Listening, Settings

Work = Callable[[Settings, Listening, socket.socket], int]
_SHARED = "PROMETHEUS_MULTIPROC_DIR"
_YOUNG = 10.0  # seconds; a worker that dies sooner will most likely do so again
_GRACE = 10.0


def run_workers(
    work: Work, settings: Settings, listening: Listening, listener: socket.socket
) -> int:
    """Serves in several processes until a signal; returns the exit code."""
    stop: list[int] = []  # the signals that came
    before = {
        name: signal.signal(name, lambda number, _: stop.append(number))
        for name in (signal.SIGTERM, signal.SIGINT)
    }
    # Counts only, which workers share by files; nothing of a request is in them.
    folder = tempfile.mkdtemp(prefix="plainsight-metrics-")
    os.environ[_SHARED] = folder
    try:
        return _Workers(work, settings, listening, listener, folder).run(stop)
    finally:
        del os.environ[_SHARED]
        shutil.rmtree(folder, ignore_errors=True)
        for name, handler in before.items():
            signal.signal(name, handler)


class _Workers:
    def __init__(
        self,
        work: Work,
        settings: Settings,
        listening: Listening,
        listener: socket.socket,
        folder: str,
    ) -> None:
        # Not by a fork, which ONNX Runtime does not survive.
        self._context = multiprocessing.get_context("spawn")
        self._arguments = work, settings, listening, listener
        self._listening, self._folder = listening, folder
        self._started: dict[BaseProcess, float] = {}

    def run(self, stop: list[int]) -> int:
        """Keeps workers alive until a signal is in `stop`."""
        for _ in range(self._listening.workers):
            self._start()
        while not stop:
            wait([process.sentinel for process in self._started], timeout=0.2)
            for process in [each for each in self._started if not each.is_alive()]:
                if stop:
                    break
                lived = time.monotonic() - self._buried(process)
                log("worker-died", pid=process.pid, exit=process.exitcode, seconds=round(lived, 1))
                if lived < _YOUNG:
                    self._stop(signal.SIGTERM)
                    return SOME_FAILED
                self._start()
        return self._stop(stop[0])

    def _start(self) -> None:
        process = self._context.Process(target=_run, args=self._arguments)
        process.start()
        self._started[process] = time.monotonic()

    def _buried(self, process: BaseProcess) -> float:
        process.join()
        assert process.pid is not None
        mark_process_dead(process.pid, self._folder)  # type: ignore[no-untyped-call]
        return self._started.pop(process)

    def _stop(self, number: int) -> int:
        for process in self._started:
            if process.pid is not None and process.is_alive():
                os.kill(process.pid, number)
        longest = max(self._listening.stop_seconds, self._listening.drain_seconds) + _GRACE
        end = time.monotonic() + longest
        for process in self._started:
            process.join(max(end - time.monotonic(), 0))
            if process.is_alive():
                process.kill()
                process.join()
        return DONE if all(each.exitcode == DONE for each in self._started) else SOME_FAILED


def _run(work: Work, settings: Settings, listening: Listening, listener: socket.socket) -> None:
    # Until the server handles it: a stop that comes while the model is opened.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(DONE))
    raise SystemExit(work(settings, listening, listener))
