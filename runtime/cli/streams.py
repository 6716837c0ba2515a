"""Standard streams that are missing, and text that a terminal would take for commands."""

from __future__ import annotations

import contextlib
import os
import sys

_NAMES = ("stdin", "stdout", "stderr")
_missing: set[str] = set()


def open_missing_streams() -> None:
    """Replaces standard streams that are closed or missing by ones that hold nothing.

    Programs without a console have none. Without this, lines meant for one stream would go to
    another, and the next file that is opened would become the missing stream, for libraries to
    write their messages into.
    """
    for number, name in enumerate(_NAMES):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is taken, so this opens the missing one.
            with contextlib.suppress(OSError):
                os.open(os.devnull, os.O_RDONLY if name == "stdin" else os.O_WRONLY)
            _missing.add(name)
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123
            _missing.add(name)


def is_missing(name: str) -> bool:
    """Whether `open_missing_streams` found `stdin`, `stdout` or `stderr` missing."""
    return name in _missing


def printable(text: str) -> str:
    """Text with what a terminal would act upon escaped, such as control characters in names."""
    return "".join(c if c.isprintable() or c in "\n\t" else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a name that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")
