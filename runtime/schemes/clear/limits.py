"""How large a secret may be in a container."""

from __future__ import annotations

LARGEST_SECRET = 64
"""Most pixels of a secret for each pixel of its container.

A secret's own size stands in the container, and a container of a few hundred bytes must not make
the program ask for gigabytes.
"""


def is_too_large(secret: tuple[int, int], container: tuple[int, int]) -> bool:
    """Whether a secret of this height and width has too many pixels for its container."""
    return secret[0] * secret[1] > LARGEST_SECRET * container[0] * container[1]
