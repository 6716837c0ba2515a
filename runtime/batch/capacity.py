"""What a cover holds, and what a secret would become in it, before anything is hidden."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from runtime.batch.pictures import SecretReader, errors_of, load_picture
from runtime.errors import PictureError, PlainsightError
from runtime.hider import Hider
from runtime.images.decode import refuse_deep
from runtime.payloads import Payload
from runtime.pipeline import FileOptions, as_cover, secret_as_hidden
from runtime.results import error_as_json, payload_as_json
from runtime.schemes import Capacity


@dataclass(frozen=True)
class CapacityResult:
    """What one cover holds.

    Attributes:
        cover: File that was read.
        secret: File that was read, if any.
        model: Name of the model.
        size: Height and width of the cover in pixels; None if it could not be read.
        settings: What it holds at each setting of the model's options, the least first; empty for
            a model that hides any secret in any cover.
        error: None if the pictures could be read.
    """

    cover: Path
    secret: Path | None
    model: str
    size: tuple[int, int] | None = None
    settings: tuple[Capacity, ...] = ()
    error: PlainsightError | None = None

    @property
    def payload(self) -> Payload | None:
        """What the secret would become at the first setting."""
        return self.settings[0].payload if self.settings else None


def capacity_of(
    cover: Path,
    secret: Path | None,
    hider: Hider,
    secrets: SecretReader,
    options: FileOptions,
    *,
    one_secret: bool,
    every: bool,
) -> CapacityResult:
    """Says it of one cover; errors are in the result."""
    result = CapacityResult(cover, secret, hider.model)
    try:
        with errors_of(cover):
            image = load_picture(cover, options)
            refuse_deep(image, options.convert)
            image = as_cover(image, options)
            hidden = None
            if secret is not None:
                read = secrets.read(secret, again=one_secret)
                hidden = secret_as_hidden(read, strip=options.strip_metadata)
            found = hider.capacity_of_images(image, hidden, every=every)
            if not every and found and found[0].problem:
                raise PictureError(found[0].problem)
        return replace(result, size=image.size, settings=tuple(found))
    except PlainsightError as error:
        return replace(result, error=error)


def capacity_as_json(result: CapacityResult) -> dict[str, Any]:
    """The result as a JSON object; docs/command-line.md describes its keys."""
    height, width = result.size or (None, None)
    return {
        "cover": str(result.cover),
        "secret": None if result.secret is None else str(result.secret),
        "model": result.model,
        "height": height,
        "width": width,
        "settings": settings_as_json(result.settings),
        "error": result.error and error_as_json(result.error),
    }


def settings_as_json(settings: Iterable[Capacity]) -> list[dict[str, Any]]:
    """What a cover holds at settings, as JSON objects."""
    return [
        {
            **each.options,
            "capacity": each.size,
            "payload": each.payload and payload_as_json(each.payload),
            "problem": each.problem,
        }
        for each in settings
    ]
