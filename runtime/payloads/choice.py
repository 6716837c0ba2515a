"""Which payload a secret becomes: the best of those that fit."""

from __future__ import annotations

from dataclasses import dataclass

from runtime.engine.network import Network
from runtime.images.image import Image
from runtime.payloads import compact
from runtime.payloads.base import Kind
from runtime.payloads.compact import Effort
from runtime.payloads.file import pixels_file, repacked_file


@dataclass(frozen=True, eq=False)
class Chosen:
    """A payload.

    Attributes:
        kind: Of the payload.
        content: Its bytes.
        coded_size: Height and width of what is coded, where the secret had to be reduced.
        psnr: About what the revealed secret will have, in dB; None if it is exact.
    """

    kind: Kind
    content: bytes
    coded_size: tuple[int, int] | None = None
    psnr: float | None = None


def exact_payload(secret: Image, budget: int, *, repacking: bool = False) -> Chosen | None:
    """The secret's own file, or a lossless file of its pixels, whichever fits first.

    Args:
        secret: What is hidden.
        budget: Bytes.
        repacking: Whether the file may come in fewer bytes.
    """
    if secret.content is not None:
        if len(secret.content) <= budget:
            return Chosen("file", secret.content)
        packed = repacked_file(secret.content, budget) if repacking else None
        if packed is not None:
            return Chosen("repacked", packed)
    content = pixels_file(secret, budget)
    return None if content is None else Chosen("pixels", content)


def exact_or_compact(
    secret: Image, budget: int, restore: Network | None = None, *, effort: Effort = "low"
) -> Chosen | None:
    """An exact payload, else the best compact picture, of at most `budget` bytes; or None.

    Args:
        secret: What is hidden.
        budget: Bytes.
        restore: The graph that restores compact pictures, if there is one.
        effort: See `compact.encode`.
    """
    chosen = exact_payload(secret, budget)
    if chosen is not None:
        return chosen
    small = compact.encode(secret.pixels, budget, restore, effort=effort)
    if small is None:
        return None
    coded_size = None if small.coded_size == secret.size else small.coded_size
    return Chosen("compact", small.content, coded_size, small.psnr)
