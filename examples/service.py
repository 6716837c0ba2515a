"""The web service inside a program of yours, for users with a token.

TOKENS=one,two uvicorn service:app --app-dir examples
curl -H "Authorization: Bearer one" -F container=@container.png localhost:8000/pictures/reveal -O -J
"""

from __future__ import annotations

import hmac
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response

from runtime.service.app import create_app
from runtime.service.settings import Settings

TOKENS = [token.encode() for token in os.environ.get("TOKENS", "").split(",") if token]
pictures = create_app(Settings(max_megapixels=32, waiting=4))


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Starts the service, as what is mounted does not start by itself."""
    async with pictures.router.lifespan_context(pictures):
        yield


app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None)
app.mount("/pictures", pictures)


@app.middleware("http")
async def only_with_a_token(
    request: Request, answer: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Turns away whoever has no token."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    known = [hmac.compare_digest(token.encode(), each) for each in TOKENS]
    if kind.lower() != "bearer" or not any(known):
        return Response("a token is needed", 401, {"WWW-Authenticate": "Bearer"})
    return await answer(request)
