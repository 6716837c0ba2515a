"""Hide and reveal over HTTP: `uvicorn service:app --app-dir examples`.

H=localhost:8000
curl -F cover=@cover.png -F secret=@secret.png -F passphrase=... $H/hide -o container.png
curl -F container=@container.png -F passphrase=... $H/reveal -o revealed.png
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Annotated, Any

import anyio
from anyio import to_thread
from fastapi import APIRouter, FastAPI, Form, HTTPException, Request, Response, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.formparsers import MultiPartParser
from starlette.requests import ClientDisconnect

import runtime

# By an error's `code`; all others mean that the pictures cannot be used: 422.
STATUS = {"usage": 400, "too-large": 413, "unreadable": 415, "unsupported": 415, "depth": 415}

Passphrase = Annotated[str | None, Form(max_length=1024)]


def create_app(
    max_megabytes: int = 64,
    max_megapixels: int = 32,
    at_once: int | None = None,
    waiting: int = 4,
    seconds_to_send: int = 60,
) -> FastAPI:
    """The service.

    Args:
        max_megabytes: Largest request, all its pictures together.
        max_megapixels: Largest picture, the revealed one included. A few kilobytes can ask for
            gigabytes when decoded.
        at_once: Requests that are worked on at a time, as each takes memory; None for one per
            core. Half as many more can be at work on requests with a passphrase.
        waiting: Requests that may wait for their turn, and as many that have a passphrase. The
            others are refused.
        seconds_to_send: Time that a client has to send its request once it is its turn.
    """
    workers = at_once or os.cpu_count() or 1
    max_pixels = max_megapixels * 1_000_000
    # Starlette writes uploads of more than 1 MB to temporary files, which a kill leaves on the
    # disk. With 0 they stay in memory, which `max_body_size` and the queues bound.
    MultiPartParser.spool_max_size = 0

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        state = app.state
        state.seconds_to_send = seconds_to_send
        state.queue = Queue(workers, waiting)
        # Deriving keys from a passphrase takes most of a second, for garbage too. In a queue of
        # their own, such requests hold up only each other.
        state.passphrase_queue = Queue(max(workers // 2, 1), waiting)
        # Loaded once and shared: both are safe among threads. Neither keeps keys: the second of
        # two users of one passphrase would be served faster than the first. With a shared salt,
        # containers could also be told to be from one hand.
        with (
            runtime.Hider(share_salt=False, max_pixels=max_pixels) as state.hider,
            runtime.Revealer(cache_keys=False, max_pixels=max_pixels) as state.revealer,
        ):
            yield

    app = FastAPI(title="Plainsight", lifespan=lifespan, max_body_size=max_megabytes << 20)
    queued = APIRouter(route_class=QueuedRoute)
    for kind, answer in ANSWERS.items():
        app.add_exception_handler(kind, answer)

    # Each works in a thread, so that the event loop stays free; most of it runs outside Python's
    # lock.
    @queued.post("/hide", response_class=Response)
    async def hide(
        request: Request, cover: UploadFile, secret: UploadFile, passphrase: Passphrase = None
    ) -> Response:
        """The container, a PNG file."""
        hider, files = request.app.state.hider, (await cover.read(), await secret.read())
        return await _png(lambda: hider.hide(*files, passphrase))

    @queued.post("/reveal", response_class=Response)
    async def reveal(
        request: Request, container: UploadFile, passphrase: Passphrase = None
    ) -> Response:
        """The revealed secret, a PNG file."""
        revealer, file = request.app.state.revealer, await container.read()
        return await _png(lambda: revealer.reveal(file, passphrase))

    app.include_router(queued)

    @app.get("/health")
    async def health(request: Request) -> dict[str, str | int]:
        """What runs where, and how many requests are being worked on and wait."""
        state = request.app.state
        queues = state.queue, state.passphrase_queue
        return {
            "model": state.hider.model,
            "device": state.hider.device,
            "at_work": sum(queue.at_work for queue in queues),
            "waiting": sum(queue.waiting for queue in queues),
        }

    return app


class Queue:
    """Lets a few requests work, a few others wait, and refuses the rest."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._limiter, self._most = anyio.CapacityLimiter(at_once), waiting

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Waits for a turn, which lasts until the end of the `with` block.

        Raises:
            HTTPException: Too many wait already.
        """
        if self._limiter.available_tokens < 1 and self.waiting >= self._most:
            raise HTTPException(503, "too many requests are waiting", {"Retry-After": "5"})
        async with self._limiter:
            yield

    @property
    def at_work(self) -> int:
        """Requests that have their turn."""
        return self._limiter.borrowed_tokens

    @property
    def waiting(self) -> int:
        """Requests that wait for their turn."""
        return self._limiter.statistics().tasks_waiting


class QueuedRoute(APIRoute):
    """A route whose uploads are not read before it is their turn."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What FastAPI calls for a request."""
        handle = super().get_route_handler()

        async def in_turn(request: Request) -> Response:
            state = request.app.state
            try:
                async with state.queue.turn():
                    # The request keeps its form, so that FastAPI does not read it again.
                    with anyio.move_on_after(state.seconds_to_send) as sending:
                        form = await request.form()
                    if sending.cancelled_caught:
                        raise HTTPException(408, "the request took too long to arrive")
                    if "passphrase" not in form:
                        return await handle(request)
                # An empty field would arrive as None, and hide without protection.
                if form["passphrase"] == "":
                    raise runtime.UsageError("the passphrase is empty; send one, or leave it out")
                async with state.passphrase_queue.turn():
                    if await request.is_disconnected():
                        raise ClientDisconnect
                    return await handle(request)
            finally:
                await request.close()

        return in_turn


async def _png(work: Callable[[], bytes]) -> Response:
    return Response(await to_thread.run_sync(work), media_type="image/png")


def _error(status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message}}, status)


async def _plainsight_error(_: Request, error: Any) -> Response:
    status = 503 if isinstance(error, runtime.SetupError) else STATUS.get(error.code, 422)
    return _error(status, error.code, str(error))


async def _invalid(_: Request, error: Any) -> Response:
    # FastAPI's own answer repeats what was sent, such as a passphrase that is too long.
    kinds = {"missing": "is missing", "string_too_long": "is too long"}
    problems = [(e["loc"][-1], kinds.get(e["type"], "is not valid")) for e in error.errors()]
    return _error(422, "form", "; ".join(f"{field} {problem}" for field, problem in problems))


async def _gone(_: Request, __: Any) -> Response:
    return Response(status_code=499)  # nobody reads it


ANSWERS: dict[type[Exception], Callable[[Request, Any], Coroutine[Any, Any, Response]]] = {
    runtime.PlainsightError: _plainsight_error,
    RequestValidationError: _invalid,
    ClientDisconnect: _gone,
}

app = create_app()
