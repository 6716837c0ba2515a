"""What a fork does to sessions: ONNX Runtime's threads are not in the child.

A session that was made before a fork may hang in the child when it runs or is freed, and so does
ONNX Runtime itself when the child exits (seen with 1.32.0). So a child gives its sessions up
without freeing them, and where the C library allows it, leaves before ONNX Runtime's own clean-up.
"""

from __future__ import annotations

import os
import sys
import weakref
from functools import cache
from typing import Any, Protocol


class Forkable(Protocol):
    """Something that holds a session."""

    def give_up_session(self) -> Any:
        """Drops the session, so that it is not used any more; returns it."""


_holders: weakref.WeakSet[Any] = weakref.WeakSet()


def survive_forks(holder: Forkable) -> None:
    """Lets a forked child give up the holder's session without freeing it."""
    _holders.add(holder)
    _register()


@cache
def _register() -> None:
    # On first use: importing the package has no side effect.
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_give_up_all)


def _give_up_all() -> None:
    import ctypes

    for holder in list(_holders):
        session = holder.give_up_session()
        if session is not None:
            # One reference too many, forever: it must not be freed.
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(session))
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None)
    # Handlers run last first, so this one ends the process before those of ONNX Runtime run, and
    # after Python has finished. glibc alone has it.
    if hasattr(libc, "on_exit"):
        libc.on_exit(libc._exit, None)
