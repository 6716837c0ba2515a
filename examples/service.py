"""Hide and reveal over HTTP: `uvicorn service:app --app-dir examples`.

H=localhost:8000
curl -F cover=@cover.png -F secret=@secret.png -F passphrase=... $H/hide -o container.png
curl -F container=@container.png -F passphrase=... $H/reveal -o revealed.png
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import anyio
import numpy as np
from anyio import to_thread
from fastapi import Depends, FastAPI, Form, Request, Response, UploadFile
from fastapi.responses import JSONResponse
from numpy.typing import NDArray

import runtime

# By an error's `code`; all others mean that the pictures cannot be used: 422.
STATUS = {"usage": 400, "too-large": 413, "unreadable": 415, "unsupported": 415, "depth": 415}


def create_app(
    max_megabytes: int = 64, max_megapixels: int = 32, at_once: int | None = None
) -> FastAPI:
    """The service.

    Args:
        max_megabytes: Largest request, all its pictures together.
        max_megapixels: Largest picture. A few kilobytes can ask for gigabytes when decoded.
        at_once: Requests that are worked on at a time, as each takes memory; None for one per
            core. The others wait.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # Loaded once and shared: both are safe among threads.
        with runtime.Hider() as hider, runtime.Revealer() as revealer:
            app.state.hider, app.state.revealer = hider, revealer
            app.state.limiter = anyio.CapacityLimiter(at_once or os.cpu_count() or 1)
            yield

    app = FastAPI(title="Plainsight", lifespan=lifespan, max_body_size=max_megabytes << 20)
    app.add_exception_handler(runtime.PlainsightError, _answer)
    most = max_megapixels * 1_000_000

    # In threads, so that the event loop stays free; the work mostly runs outside Python's lock.
    @app.post("/hide", response_class=Response)
    async def hide(request: Request, cover: UploadFile, secret: UploadFile, key: Key) -> Response:
        """The container, a PNG file."""
        state, files = request.app.state, (await cover.read(), await secret.read())

        def work() -> bytes:
            _read("cover", files[0], most)
            secret = _read("secret", files[1], most)
            container: bytes = state.hider.hide(files[0], secret, key)
            return container

        made = await to_thread.run_sync(work, limiter=state.limiter)
        return Response(made, media_type="image/png")

    @app.post("/reveal", response_class=Response)
    async def reveal(request: Request, container: UploadFile, key: Key) -> Response:
        """The revealed secret, a PNG file."""
        state, file = request.app.state, await container.read()

        def work() -> bytes:
            _read("container", file, most)
            revealed: bytes = state.revealer.reveal(file, key)
            return revealed

        made = await to_thread.run_sync(work, limiter=state.limiter)
        return Response(made, media_type="image/png")

    @app.get("/health")
    async def health(request: Request) -> dict[str, str | int]:
        """What runs where, and how many requests are being worked on."""
        state = request.app.state
        return {
            "model": state.hider.model,
            "device": state.hider.device,
            "at_work": state.limiter.borrowed_tokens,
        }

    return app


async def _key(
    request: Request, passphrase: Annotated[str | None, Form(max_length=1024)] = None
) -> str | None:
    # An empty field arrives as None, and would hide without protection.
    if passphrase is None and "passphrase" in await request.form():
        raise runtime.UsageError("the passphrase is empty; send one, or leave the field out")
    return passphrase


Key = Annotated[str | None, Depends(_key)]


def _read(name: str, content: bytes, max_pixels: int) -> NDArray[np.uint8]:
    """Reads an upload, or refuses it before its size can do harm."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content)
        try:
            return runtime.read_picture(path, max_pixels=max_pixels)
        except runtime.FileError as error:
            error.path = Path(name)  # clients need not know ours
            raise


async def _answer(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, runtime.PlainsightError)
    status = 503 if isinstance(error, runtime.SetupError) else STATUS.get(error.code, 422)
    return JSONResponse({"error": {"code": error.code, "message": str(error)}}, status)


app = create_app()
