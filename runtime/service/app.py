"""The application: routes, and what they share."""

# FastAPI reads the types of routes from annotations, so this module evaluates them.

import importlib.metadata
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import anyio
from anyio import to_thread
from fastapi import APIRouter, Depends, FastAPI, Request, Response, UploadFile
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartParser
from starlette.requests import ClientDisconnect

from runtime.engine.models import load_model
from runtime.errors import UsageError
from runtime.hider import Hider
from runtime.images.formats import named_format
from runtime.images.trial import trial_pair
from runtime.payloads import Payload
from runtime.pipeline import FileOptions
from runtime.results import payload_as_json
from runtime.revealer import Revealer
from runtime.schemes import declared_options, scheme_of
from runtime.service.answers import HANDLERS, Refusal, answer
from runtime.service.forms import Chosen, ChosenFiles, Passphrase, strip_option
from runtime.service.gate import WORK, Gate, GateMiddleware
from runtime.service.metrics import Metrics
from runtime.service.queues import Queue
from runtime.service.settings import Settings
from runtime.service.work import Workshop

_DESCRIPTION = (
    "Hides pictures in pictures, and reveals them. Requests are forms (multipart/form-data), "
    'errors are JSON: `{"error": {"code": ..., "message": ...}}`.'
)
# Of pictures: any of the formats that are written or, for a revealed file, read.
_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
        }
    },
}
_ERRORS: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "The request failed; docs/service.md lists the codes.",
        "content": {"application/json": {"schema": _ERROR}},
    }
}
_PICTURE: dict[int | str, dict[str, Any]] = {
    **_ERRORS,
    200: {
        "description": "The picture; the header Plainsight-Result says more of it, as JSON.",
        "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
    },
}
_TRIAL_SIDE = 128  # the least that any model takes
_MOST_FIELDS = 32  # far more than there are; each takes memory before it is looked at
_LARGEST_FIELD = 16 << 10


def create_app(settings: Settings = Settings()) -> FastAPI:  # noqa: B008
    """The application. It opens its model when it starts: mounted, enter its lifespan yourself.

    Raises:
        ModelError: The model is missing or damaged.
    """
    # Starlette writes uploads of more than 1 MB to temporary files, which a kill leaves on the
    # disk. With 0 they stay in memory, which the limit of requests and the queues bound.
    MultiPartParser.spool_max_size = 0
    metrics, gate = Metrics(), Gate()
    app = FastAPI(
        title="Plainsight",
        version=importlib.metadata.version("plainsight-onnx"),
        description=_DESCRIPTION,
        lifespan=_lifespan,
        # These pages load scripts from other sites.
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings, app.state.metrics, app.state.gate = settings, metrics, gate
    for kind, handler in HANDLERS.items():
        app.add_exception_handler(kind, handler)
    app.add_middleware(GateMiddleware, gate=gate, metrics=metrics, max_bytes=settings.max_bytes)
    model = load_model(settings.model)
    files = ChosenFiles(scheme_of(model).container_formats)
    app.include_router(_work(Chosen(declared_options(model)), files))
    app.include_router(_probes())
    app.state.fields = _fields(app.openapi())
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    state, settings = app.state, app.state.settings
    state.queue = Queue("all", settings.turns, settings.waiting, state.metrics)
    # Deriving keys from a passphrase takes most of a second, for garbage too. In a queue of
    # their own, such requests hold up only each other.
    alone = max(settings.turns // 2, 1)
    state.passphrase_queue = Queue("passphrase", alone, settings.waiting, state.metrics)
    state.threads = anyio.CapacityLimiter(settings.turns + alone)
    opened = {"device": settings.device, "threads": settings.threads}
    # Loaded once and shared: both are safe among threads.
    with (
        Hider(settings.model, share_salt=False, max_pixels=settings.max_pixels, **opened) as hider,
        Revealer(
            settings.model, cache_keys=False, max_pixels=settings.max_pixels, **opened
        ) as revealer,
    ):
        state.workshop = Workshop(hider, revealer, settings.max_pixels)
        await to_thread.run_sync(_warm_up, state.workshop)  # first runs are slow
        state.metrics.runs(app.version, hider.model, hider.device)
        yield


def _warm_up(workshop: Workshop) -> None:
    picture, _ = trial_pair(_TRIAL_SIDE)
    workshop.revealer.reveal(workshop.hider.hide(picture, picture))


def _fields(schema: dict[str, Any]) -> dict[str, set[str]]:
    """The fields of the forms, by route."""
    schemas = schema["components"]["schemas"]
    fields = {}
    for route in WORK:
        content = schema["paths"][route]["post"]["requestBody"]["content"]
        name = content["multipart/form-data"]["schema"]["$ref"].rpartition("/")[2]
        fields[route] = set(schemas[name]["properties"])
    return fields


class _QueuedRoute(APIRoute):
    """A route whose uploads are not read before it is their turn."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What FastAPI calls for a request."""
        handle = super().get_route_handler()

        async def in_turn(request: Request) -> Response:
            state = request.app.state
            try:
                async with state.queue.turn() as waited:
                    request.state.waited = round(waited, 4)
                    # The request keeps its form, so that FastAPI does not read it again.
                    with anyio.move_on_after(state.settings.seconds_to_send) as sending:
                        form = await request.form(
                            max_files=2, max_fields=_MOST_FIELDS, max_part_size=_LARGEST_FIELD
                        )
                    if sending.cancelled_caught:
                        raise Refusal(408, "slow", "the request took too long to arrive")
                    _check(form, state.fields[self.path])
                    if "passphrase" not in form:
                        return await handle(request)
                async with state.passphrase_queue.turn() as again:
                    request.state.waited = round(waited + again, 4)
                    if await request.is_disconnected():
                        raise ClientDisconnect
                    return await handle(request)
            finally:
                await request.close()

        return in_turn


def _check(form: FormData, fields: set[str]) -> None:
    """Refuses what FastAPI would ignore: a misspelt passphrase would hide without protection."""
    if set(form) - fields:
        raise Refusal(422, "form", f"the form may have {', '.join(sorted(fields))} only")
    if len(form.multi_items()) > len(form):
        raise Refusal(422, "form", "the form has a field twice")
    if form.get("passphrase") == "":
        # An empty field would arrive as None, and hide without protection.
        raise UsageError("the passphrase is empty; send one, or leave it out")


def _work(chosen: Chosen, files: ChosenFiles) -> APIRouter:
    """The routes that work on pictures, each in a thread, so that the event loop stays free."""
    router = APIRouter(route_class=_QueuedRoute)
    options_of_model = Annotated[dict[str, Any], Depends(chosen)]
    options_of_files = Annotated[FileOptions, Depends(files)]

    @router.post("/hide", response_class=Response, responses=_PICTURE)
    async def hide(
        request: Request,
        cover: UploadFile,
        secret: UploadFile,
        options: options_of_files,
        chosen: options_of_model,
        passphrase: Passphrase = None,
    ) -> Response:
        """Hides a secret in a cover; answers with the container."""
        given = await cover.read(), await secret.read()
        work = request.app.state.workshop.hide
        hidden = await _run(request, partial(work, *given, passphrase, options, chosen))
        extension = f".{options.format}"
        return _picture(hidden.content, "container", extension, hidden.payload, hidden.notes)

    @router.post("/reveal", response_class=Response, responses=_PICTURE)
    async def reveal(
        request: Request, container: UploadFile, passphrase: Passphrase = None
    ) -> Response:
        """Reveals the secret of a container: its own file where that was hidden, else a PNG."""
        file = await container.read()
        work = request.app.state.workshop.reveal
        revealed = await _run(request, partial(work, file, passphrase))
        return _picture(
            revealed.content, "revealed", revealed.extension, revealed.payload, revealed.notes
        )

    @router.post("/capacity", responses=_ERRORS)
    async def capacity(
        request: Request,
        cover: UploadFile,
        options: Annotated[FileOptions, Depends(strip_option)],
        chosen: options_of_model,
        secret: UploadFile | None = None,
    ) -> dict[str, Any]:
        """What a cover holds at each setting of the options, and what a secret would become."""
        files = await cover.read(), None if secret is None else await secret.read()
        work = request.app.state.workshop.capacity
        return dict(await _run(request, partial(work, *files, options, chosen)))

    return router


def _probes() -> APIRouter:
    """The routes for load balancers and monitoring."""
    router = APIRouter()

    @router.get("/health")
    async def health(request: Request) -> dict[str, str | int]:
        """Whether this process is alive, what runs where, and how many requests it has."""
        state = request.app.state
        queues = state.queue, state.passphrase_queue
        return {
            "model": state.workshop.hider.model,
            "device": state.workshop.hider.device,
            "at_work": sum(queue.at_work for queue in queues),
            "waiting": sum(queue.waiting for queue in queues),
        }

    @router.get("/ready")
    async def ready(request: Request) -> JSONResponse:
        """Whether new requests are taken: 503 once the service is stopping."""
        if request.app.state.gate.stopping:
            return answer(503, "stopping", "the service is stopping")
        return JSONResponse({"ready": True})

    @router.get("/metrics", response_class=Response)
    async def metrics(request: Request) -> Response:
        """Metrics in Prometheus's text format, of all workers."""
        kind = "text/plain; version=0.0.4; charset=utf-8"
        return Response(request.app.state.metrics.text(), media_type=kind)

    return router


async def _run(request: Request, work: Callable[[], Any]) -> Any:
    return await to_thread.run_sync(work, limiter=request.app.state.threads)


def _picture(
    content: bytes, name: str, extension: str, payload: Payload | None, notes: tuple[str, ...]
) -> Response:
    written = named_format(Path(name + extension))
    assert written is not None
    result = {"payload": payload and payload_as_json(payload), "notes": list(notes)}
    headers = {
        "Content-Disposition": f'attachment; filename="{name}{written.extension}"',
        "Plainsight-Result": json.dumps(result),
    }
    return Response(content, media_type=written.media_type, headers=headers)
