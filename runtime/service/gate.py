"""The outermost layer: counts and logs requests, limits their size, and refuses while stopping."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runtime.service.answers import GONE, Refusal, answer
from runtime.service.logs import log, log_failure
from runtime.service.metrics import Metrics

WORK = ("/hide", "/reveal", "/capacity")
_PROBES = ("/health", "/ready", "/metrics")
_ROUTES = {*WORK, *_PROBES, "/openapi.json"}
_METHODS = {"GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"}


class Gate:
    """What is at work, and whether the service is stopping.

    Attributes:
        stopping: Whether new work is refused.
        open: Requests whose answer is not complete.
    """

    def __init__(self) -> None:
        self.stopping = False
        self.open = 0


class GateMiddleware:
    """Applies a gate to an application.

    Args:
        app: The application.
        gate: Its gate.
        metrics: Where requests are counted.
        max_bytes: Largest request.
    """

    def __init__(self, app: ASGIApp, gate: Gate, metrics: Metrics, max_bytes: int) -> None:
        self._app, self._gate, self._metrics, self._max_bytes = app, gate, metrics, max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        seen = _Seen(path if path in _ROUTES else "other", scope, receive, send, self._max_bytes)
        working = seen.route in WORK
        self._gate.open += working
        try:
            if working and self._gate.stopping:
                seen.stopping = True
                await seen.refuse(
                    Refusal(503, "stopping", "the service is stopping", retry_after=1)
                )
            elif seen.announced > self._max_bytes:
                await seen.refuse(seen.too_large())
            else:
                seen.stopping = self._gate.stopping
                if working and scope["method"] == "POST":
                    # Here already, so that a refusal costs next to nothing.
                    scope["app"].state.queue.check()
                await self._app(scope, seen.receive, seen.send)
        except Refusal as refusal:
            await seen.refuse(refusal)
        except Exception as error:
            log_failure(error)
            if seen.status is not None:
                raise  # the rest of the answer is lost, which closing the connection shows
            await seen.refuse(Refusal(500, "internal", "the service failed on this request"))
        finally:
            self._gate.open -= working
            self._count(seen)

    def _count(self, seen: _Seen) -> None:
        seconds = time.perf_counter() - seen.start
        status, code = seen.status or GONE, seen.code
        self._metrics.answered(seen.route, status, code, seconds, seen.received, seen.sent)
        if seen.route in _PROBES and status < 400:
            return  # asked for every few seconds
        log(
            "request",
            logging.WARNING if status >= 500 else logging.INFO,
            id=seen.id,
            method=seen.method,
            route=seen.route,
            status=status,
            code=code or None,
            seconds=round(seconds, 4),
            waited=seen.state.get("waited"),
            received=seen.received,
            sent=seen.sent,
        )


class _Seen:
    """What is seen of one request."""

    def __init__(
        self, route: str, scope: Scope, receive: Receive, send: Send, max_bytes: int
    ) -> None:
        self.start = time.perf_counter()
        self.id = secrets.token_hex(8)
        self.route = route
        self.method = scope["method"] if scope["method"] in _METHODS else "other"
        self.state: MutableMapping[str, Any] = scope.setdefault("state", {})
        self.status: int | None = None
        self.received = self.sent = 0
        self.stopping = False
        self._max_bytes = max_bytes
        self._scope, self._receive, self._send = scope, receive, send
        announced = Headers(scope=scope).get("content-length", "")
        self.announced = int(announced) if announced.isdecimal() else 0

    @property
    def code(self) -> str:
        """The code of its error, or nothing."""
        return str(self.state.get("code", ""))

    def too_large(self) -> Refusal:
        """The refusal of a request that is too large."""
        return Refusal(
            413, "too-large", f"the request has more than the {self._max_bytes} bytes allowed"
        )

    async def receive(self) -> Message:
        """Passes on what arrives, and counts it."""
        message = await self._receive()
        self.received += len(message.get("body", b""))
        if self.received > self._max_bytes:
            raise self.too_large()
        return message

    async def send(self, message: Message) -> None:
        """Passes on what is sent, and counts it."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self.id
            headers["X-Content-Type-Options"] = "nosniff"
            headers["Cache-Control"] = "no-store"
            if self.stopping:
                headers["Connection"] = "close"
        self.sent += len(message.get("body", b""))
        await self._send(message)

    async def refuse(self, refusal: Refusal) -> None:
        """Answers with a refusal."""
        self.state["code"] = refusal.code
        headers = dict(refusal.headers or {})
        response = answer(refusal.status_code, refusal.code, refusal.detail, headers)
        await response(self._scope, self._receive, self.send)
