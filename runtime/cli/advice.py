"""What the user of a command can do about an error by its flags; the library states facts only."""

from __future__ import annotations

from collections.abc import Callable

from runtime.errors import (
    DepthError,
    ExistsError,
    NothingHiddenError,
    PlainsightError,
    TooLargeError,
    UnreadableError,
)
from runtime.schemes import schemes


def _nothing_hidden() -> str:
    unrecognized = [name for name, scheme in schemes().items() if not scheme.recognizes]
    surviving = [name for name, scheme in schemes().items() if scheme.survives_loss]
    return (
        "a container that was resized, cropped or saved with loss no longer holds its picture, "
        f"unless it was made by {' or '.join(surviving)}; one made by {' or '.join(unrecognized)} "
        "needs --model"
    )


_ADVICE: tuple[tuple[type[PlainsightError], Callable[[], str]], ...] = (
    (ExistsError, lambda: "--overwrite replaces it, --skip-existing leaves it alone"),
    (TooLargeError, lambda: "--max-megapixels allows more"),
    (DepthError, lambda: "--convert converts it to 8 bits"),
    (NothingHiddenError, _nothing_hidden),
)


def with_advice(error: BaseException) -> str:
    """An error's text, with what can be done about it, if flags can do anything."""
    if isinstance(error, UnreadableError) and error.special:
        return f"{error}; - reads a picture from standard input"
    if isinstance(error, UnreadableError) and error.inside:
        return f"{error}; --accept-damaged uses what can be decoded"
    if isinstance(error, TooLargeError) and error.max_pixels is None:
        return str(error)
    for kind, advice in _ADVICE:
        if isinstance(error, kind):
            return f"{error}; {advice()}"
    return str(error)
