"""Answers to requests that fail: a status, a code for programs, and a text that echoes nothing."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from runtime.errors import ClosedError, PlainsightError, SetupError

# By an error's `code`; all others mean that the pictures cannot be used: 422.
_STATUS = {"usage": 400, "too-large": 413, "unreadable": 415, "unsupported": 415, "depth": 415}
_KINDS = {"missing": "is missing", "string_too_long": "is too long"}
_CODES = {404: "not-found", 405: "method"}
GONE = 499
"""The status in logs of a request whose client went away."""


class Refusal(HTTPException):
    """A request that is not carried out.

    Args:
        status: Of the answer.
        code: A short word for programs.
        message: For people.
        retry_after: Seconds after which it may be tried again.
    """

    def __init__(
        self, status: int, code: str, message: str, *, retry_after: int | None = None
    ) -> None:
        headers = None if retry_after is None else {"Retry-After": str(retry_after)}
        super().__init__(status, message, headers)
        self.code = code


def answer(
    status: int, code: str, message: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    """The answer to a request that failed."""
    return JSONResponse({"error": {"code": code, "message": message}}, status, headers)


def _note(request: Request, code: str) -> None:
    request.state.code = code  # for the log and the metrics


async def _plainsight_error(request: Request, error: Any) -> Response:
    _note(request, error.code)
    unable = isinstance(error, SetupError | ClosedError)
    return answer(503 if unable else _STATUS.get(error.code, 422), error.code, str(error))


async def _invalid(request: Request, error: Any) -> Response:
    # FastAPI's own answer repeats what was sent, such as a passphrase that is too long.
    _note(request, "form")
    problems = [(e["loc"][-1], _KINDS.get(e["type"], "is not valid")) for e in error.errors()]
    text = "; ".join(f"{field} {problem}" for field, problem in problems)
    return answer(422, "form", text)


async def _refused(request: Request, error: Any) -> Response:
    code = error.code if isinstance(error, Refusal) else _CODES.get(error.status_code, "form")
    _note(request, code)
    return answer(error.status_code, code, error.detail, error.headers)


async def _gone(request: Request, _: Any) -> Response:
    _note(request, "gone")
    return Response(status_code=GONE)  # nobody reads it


HANDLERS: dict[type[Exception], Callable[[Request, Any], Coroutine[Any, Any, Response]]] = {
    PlainsightError: _plainsight_error,
    RequestValidationError: _invalid,
    HTTPException: _refused,
    ClientDisconnect: _gone,
}
"""For `FastAPI.add_exception_handler`."""
