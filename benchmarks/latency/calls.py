"""The calls that several scenarios time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import runtime
from benchmarks.latency.timing import Case
from runtime.images.image import Picture

Calls = dict[Case, Callable[[], Any]]
"""What is timed, by its case."""


def hide_and_reveal(
    hider: runtime.Hider,
    revealer: runtime.Revealer,
    cover: Picture,
    secret: Picture,
    passphrase: str | None = None,
) -> dict[str, Callable[[], Any]]:
    """Calls that hide, and reveal what is hidden, by the name of the operation."""
    container = hider.hide(cover, secret, passphrase)
    return {
        "hide": lambda: hider.hide(cover, secret, passphrase),
        "reveal": lambda: revealer.reveal(container, passphrase),
    }
