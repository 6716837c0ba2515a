"""The one way from picture files to a file's content: decode, hide or reveal, encode."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from runtime.errors import Damage, OutOfMemoryError, UnwritableError
from runtime.images.colour import as_shown
from runtime.images.decode import MAX_PIXELS, decode, refuse_deep
from runtime.images.distortions import reduced
from runtime.images.encode import encode
from runtime.images.formats import FORMATS, LOSSLESS, names_of, sniff
from runtime.images.image import Image
from runtime.images.metadata import metadata_of, strip_metadata
from runtime.images.resize import resize_to
from runtime.payloads import Payload
from runtime.results import Seconds
from runtime.schemes import Container, Revealed


@dataclass(frozen=True)
class FileOptions:
    """How picture files are read and encoded.

    Attributes:
        format: Name of the format of what is made; None for the one that the scheme prefers, or
            for a revealed secret's own.
        convert: Whether covers of more than 8 bits per sample are converted to 8 bits.
        keep_metadata: Whether containers keep the EXIF of their covers.
        drop_profile: Whether colours of covers are converted to sRGB, so that their containers need
            no colour profile.
        strip_metadata: Whether a secret's file is hidden without the metadata in it.
        accept_damaged: Whether pictures that are damaged inside are used, with a note, where their
            decoder can go on after the damage.
        max_pixels: Most pixels that a picture may have.
        fit: Longest side in pixels that covers are reduced to, if it is longer; None for none.
    """

    format: str | None = None
    convert: bool = False
    keep_metadata: bool = False
    drop_profile: bool = False
    strip_metadata: bool = False
    accept_damaged: bool = False
    max_pixels: int = MAX_PIXELS
    fit: int | None = None


class Clock:
    """Adds up the time that stages take.

    Attributes:
        seconds: So far.
    """

    def __init__(self) -> None:
        self.seconds = Seconds()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Counts what runs inside for a stage, one of the fields of `Seconds`."""
        start = time.perf_counter()
        try:
            yield
        finally:
            spent = getattr(self.seconds, name) + time.perf_counter() - start
            self.seconds = replace(self.seconds, **{name: spent})


@dataclass(frozen=True, eq=False)
class HiddenFile:
    """A container's content.

    Attributes:
        content: Of the file.
        size: Height and width in pixels.
        cover: What it was made from.
        secret: What is hidden in it.
        notes: What the user should know, each a short phrase.
        payload: What it carries; None if the scheme does not say.
    """

    content: bytes
    size: tuple[int, int]
    cover: Image
    secret: Image
    notes: tuple[str, ...]
    payload: Payload | None


@dataclass(frozen=True, eq=False)
class RevealedFile:
    """A revealed secret's content.

    Attributes:
        content: Of the file.
        extension: Of such files, with the dot.
        size: Height and width in pixels.
        damage: What is damaged, if anything.
        notes: What the user should know, each a short phrase.
        payload: What the container carries; None if the scheme does not say.
        model: Name of the model that revealed it.
    """

    content: bytes
    extension: str
    size: tuple[int, int]
    damage: Damage | None
    notes: tuple[str, ...]
    payload: Payload | None
    model: str


@contextmanager
def _stage(clock: Clock, name: str) -> Iterator[None]:
    """A stage whose lack of memory is an error of this package."""
    try:
        with clock.stage(name):
            yield
    except MemoryError as error:
        if isinstance(error, OutOfMemoryError):
            raise
        raise OutOfMemoryError("there is not enough memory for it") from error


def hide_file(
    cover: Callable[[], Image],
    secret: Callable[[], Image],
    hide: Callable[[Image, Image], Container],
    options: FileOptions,
    clock: Clock,
) -> HiddenFile:
    """Makes a container's content.

    Args:
        cover: Reads the cover.
        secret: Reads the secret.
        hide: Hides the second in the first.
        options: How files are read and encoded.
        clock: Counts the stages' time.

    Raises:
        PictureError: A picture cannot be used.
        UnwritableError: The format cannot hold the container.
        OutOfMemoryError: There is not enough memory.
    """
    with _stage(clock, "decode"):
        cover_image = cover()
        refuse_deep(cover_image, options.convert)
        if options.drop_profile:
            cover_image = as_shown(cover_image)
        cover_image = as_cover(cover_image, options)
        secret_image = secret_as_hidden(secret(), strip=options.strip_metadata)
    with _stage(clock, "network"):
        container = hide(cover_image, secret_image)
    with _stage(clock, "encode"):
        format_ = options.format or container.formats[0]
        if format_ not in container.formats:
            raise UnwritableError(
                f"{FORMATS[format_].label} files would lose what is hidden; "
                f"{names_of(container.formats)} keep it"
            )
        content, lost = encode(
            container.pixels,
            format_,
            like=cover_image,
            keep_metadata=options.keep_metadata,
            lossy=True,  # if the scheme allows such a format at all
        )
    of_secret = (f"secret: {note}" for note in _notes_on_secret(secret_image, container))
    if options.keep_metadata and cover_image.exif is None:
        lost = (*lost, "no EXIF was read from it, so none is kept")
    notes = (*cover_image.notes, *container.notes, *of_secret, *lost)
    height, width, _ = container.pixels.shape
    return HiddenFile(content, (height, width), cover_image, secret_image, notes, container.payload)


def as_cover(image: Image, options: FileOptions) -> Image:
    """A cover without its file, which is not needed any more; reduced, if it is to fit."""
    image = replace(image, content=None)
    if options.fit is None or max(image.size) <= options.fit:
        return image
    pixels = reduced(image.pixels, options.fit)
    height, width, _ = pixels.shape
    alpha = None if image.alpha is None else resize_to(image.alpha, height, width)
    note = f"reduced from {image.size[1]} x {image.size[0]} to {width} x {height} pixels first"
    return replace(image, pixels=pixels, alpha=alpha, notes=(*image.notes, note))


def secret_as_hidden(secret: Image, *, strip: bool = False) -> Image:
    """A secret in sRGB, as no profile travels with pixels; its file without metadata, if wanted."""
    if strip and secret.content is not None:
        secret = replace(secret, content=strip_metadata(secret.content))
    return as_shown(secret)


def _notes_on_secret(secret: Image, container: Container) -> tuple[str, ...]:
    if container.payload is None or not container.payload.is_file:
        return secret.notes
    assert secret.content is not None
    carried = metadata_of(secret.content)
    if not carried:
        return ()
    return (f"its file is hidden as it is, with {' and '.join(carried)}",)


def reveal_file(
    container: Callable[[], Image],
    reveal: Callable[[Image], Revealed],
    options: FileOptions,
    clock: Clock,
) -> RevealedFile:
    """Makes a revealed secret's content.

    Args:
        container: Reads the container.
        reveal: Reveals its secret.
        options: How files are read and encoded.
        clock: Counts the stages' time.

    Raises:
        PictureError: The container cannot be read.
        ContainerError: Nothing is found in it, or can be revealed.
        UnwritableError: It cannot be written in the format that was asked for.
        OutOfMemoryError: There is not enough memory.
    """
    with _stage(clock, "decode"):
        image = replace(container(), content=None)
    with _stage(clock, "network"):
        revealed = reveal(image)
    with _stage(clock, "encode"):
        content, extension, lost = _encoded(revealed, options)
    height, width, _ = revealed.picture.shape
    notes = (*revealed.notes, *lost)
    return RevealedFile(
        content,
        extension,
        (height, width),
        revealed.damage,
        notes,
        revealed.payload,
        revealed.model,
    )


def _encoded(revealed: Revealed, options: FileOptions) -> tuple[bytes, str, tuple[str, ...]]:
    """A revealed secret's content, its extension, and notes on what was lost."""
    if revealed.file is None:
        wanted = FORMATS[options.format or "png"]
        if wanted.writer is None:
            raise UnwritableError(
                f"the hidden picture is not a {wanted.label} file, and {wanted.label} files are "
                f"not written losslessly; {names_of(LOSSLESS)} can be"
            )
        content, lost = encode(revealed.picture, wanted.name)
        return content, wanted.extension, lost
    header = sniff(revealed.file)
    assert header is not None, "it was decoded"
    own = FORMATS[header.format]
    if options.format in (None, own.name):
        return revealed.file, own.extension, ()
    wanted = FORMATS[options.format]
    if wanted.writer is None:
        raise UnwritableError(
            f"the hidden file is {own.label}, and {wanted.label} files are not written losslessly; "
            f"{names_of((own.name, *(name for name in LOSSLESS if name != own.name)))} can be"
        )
    image = decode(revealed.file, options.max_pixels)
    content, lost = encode(image.pixels, wanted.name, like=image)
    return content, wanted.extension, (*image.notes, *lost)
