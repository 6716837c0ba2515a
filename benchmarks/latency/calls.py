"""The calls that several scenarios time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import runtime
from benchmarks.common.configurations import code_only
from benchmarks.latency.timing import Case
from runtime.images.image import Picture

Calls = dict[Case, Callable[[], Any]]
"""What is timed, by its case."""


def opened(
    model: str, device: str, threads: int | None = None
) -> tuple[runtime.Hider, runtime.Revealer]:
    """A hider that codes every secret, and a revealer.

    Args:
        model: Name, or path of a model folder.
        device: See `runtime.Hider`.
        threads: See `runtime.Hider`.
    """
    hider = runtime.Hider(model, device=device, threads=threads, **code_only(model))
    return hider, runtime.Revealer(model, device=device, threads=threads)


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
