"""The server: one process or several on one socket, and a stop that loses no request."""

from __future__ import annotations

import os
import signal
import socket
import time
from dataclasses import replace
from multiprocessing import parent_process
from types import FrameType

import uvicorn
from fastapi import FastAPI

from runtime.cli.run import DONE, SOME_FAILED, quiet_libraries
from runtime.engine.cores import cores
from runtime.errors import UsageError
from runtime.hider import Hider
from runtime.service.app import create_app
from runtime.service.gate import Gate
from runtime.service.logs import log, log_to_standard_output
from runtime.service.metrics import Metrics
from runtime.service.protocol import PatientProtocol
from runtime.service.settings import Listening, Settings
from runtime.service.workers import run_workers

_BACKLOG = 2048
_KEEP_ALIVE = 75  # longer than what load balancers keep, so that none sends into a closed one
_TWICE = 1.0  # seconds


def serve(settings: Settings, listening: Listening) -> int:
    """Serves until a signal; returns the exit code.

    Raises:
        UsageError: The address cannot be listened on.
        ModelError: The model is missing or damaged.
        DeviceError: The device is not available.
    """
    # Here, so that what is wrong is said as by all commands; workers open their own.
    Hider(settings.model, device=settings.device, threads=settings.threads).close()
    with listen(listening) as listener:
        log_to_standard_output()
        host, port = listener.getsockname()[:2]
        log("listening", host=host, port=port, workers=listening.workers)
        share = max(cores() // listening.workers, 1)
        at_once = settings.at_once or share
        threads = settings.threads or max(share // at_once, 1)
        settings = replace(settings, at_once=at_once, threads=threads)
        if listening.workers == 1:
            code = work(settings, listening, listener)
        else:
            code = run_workers(work, settings, listening, listener)
        log("stopped", exit=code)
    return code


def listen(listening: Listening) -> socket.socket:
    """A socket that listens.

    Raises:
        UsageError: The address is in use, or is none of this machine.
    """
    host, port = listening.host, listening.port
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise UsageError(f"cannot listen on {host} port {port}: {error.strerror}") from error


def work(settings: Settings, listening: Listening, listener: socket.socket) -> int:
    """Serves in this process until a signal; returns the exit code."""
    log_to_standard_output()
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=1,  # after all that `_Server` allows
    )
    server = _Server(app, config, listening)
    with quiet_libraries():
        server.run(sockets=[listener])
    if not server.started:
        return SOME_FAILED
    if app.state.gate.open:
        log("abandoned", requests=app.state.gate.open)
        os._exit(SOME_FAILED)  # their threads cannot be stopped
    return DONE


class _Server(uvicorn.Server):
    """Uvicorn's server, which goes on listening while it finishes what is at work.

    Without that, a load balancer's next requests would find nobody.
    """

    def __init__(self, app: FastAPI, config: uvicorn.Config, listening: Listening) -> None:
        super().__init__(config)
        self._gate: Gate = app.state.gate
        self._metrics: Metrics = app.state.metrics
        self._listening = listening
        self._asked = self._earliest = self._latest = 0.0

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal stops the service; Ctrl-C after it, at once."""
        del frame
        if self._gate.stopping:
            # The first Ctrl-C comes twice to a worker: from the terminal and from its parent.
            if sig == signal.SIGINT and time.monotonic() > self._asked + _TWICE:
                self.should_exit = self.force_exit = True
            return
        self._stop(0 if sig == signal.SIGINT else self._listening.drain_seconds)

    def _stop(self, drain: float) -> None:
        self._gate.stopping = True
        self._metrics.stops()
        self._asked = time.monotonic()
        self._earliest = self._asked + drain
        self._latest = self._asked + max(self._listening.stop_seconds, drain)
        log("stopping", requests=self._gate.open)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts listening."""
        await super().startup(sockets)
        if self.started:
            log("ready")

    async def on_tick(self, counter: int) -> bool:
        """Called every tenth of a second; whether to stop listening and exit."""
        parent = parent_process() if counter % 10 == 0 else None
        if parent is not None and not parent.is_alive() and not self._gate.stopping:
            self._stop(0)
        now = time.monotonic()
        if self._gate.stopping and (
            (now >= self._earliest and not self._gate.open) or now >= self._latest
        ):
            self.should_exit = True
        return await super().on_tick(counter)
