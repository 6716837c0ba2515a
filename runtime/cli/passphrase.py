"""Where the commands get a passphrase from: a file, an environment variable, or a prompt.

Never from an argument's value, which everyone on the machine can see and shells record.
"""

from __future__ import annotations

import argparse
import getpass
import os
import re
import stat
import sys
from pathlib import Path

from runtime.errors import UsageError

_NEVER_A_VALUE = (
    "a passphrase is not taken from the command line, where others can see it; use "
    "--ask-passphrase, --passphrase-file FILE or --passphrase-env NAME"
)


_OPTIONS = ("--passphrase-file", "--passphrase-env")
# What people try; a parser's "unrecognized arguments" would show what stands beside it.
_LIKE_A_PASSPHRASE = re.compile(r"-p($|[^-])|--?(pass|pw|phrase|key|secret-?key)", re.IGNORECASE)


def add_passphrase_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options, of which at most one can be given."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--ask-passphrase", action="store_true", help="ask for a passphrase without showing it"
    )
    group.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help="read the passphrase from a file: all of it except one final line break",
    )
    group.add_argument(
        "--passphrase-env", metavar="NAME", help="read it from an environment variable"
    )


def refuse_values(arguments: list[str]) -> str | None:
    """What is wrong with `--passphrase WORD`, or None.

    A parser's own message would show the word.
    """
    for argument in arguments:
        if argument == "--":
            break
        name, _, value = argument.partition("=")
        if (_LIKE_A_PASSPHRASE.match(name) and name not in _OPTIONS) or (
            name == "--ask-passphrase" and value
        ):
            return _NEVER_A_VALUE
    return None


def passphrase_of(options: argparse.Namespace, *, twice: bool) -> str | bytes | None:
    """The passphrase that the options name, or None if they name none.

    Args:
        options: As `add_passphrase_options` made them.
        twice: Whether a prompt asks again, since a typo when hiding would lose the secret.

    Raises:
        UsageError: There is none where the options say, or the two answers differ.
    """
    if options.passphrase_file is not None:
        return _from_file(options.passphrase_file)
    if options.passphrase_env is not None:
        return _from_environment(options.passphrase_env)
    return _asked(twice) if options.ask_passphrase else None


def others_can_read(path: Path) -> bool:
    """Whether other users of the machine can read a file."""
    try:
        return os.name == "posix" and bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
    except OSError:
        return False


def _from_environment(name: str) -> str | bytes:
    # As bytes where the system has them, so that one passphrase is the same from a file.
    if os.supports_bytes_environ:
        passphrase = os.environb.get(os.fsencode(name), b"")
    else:
        passphrase = os.environ.get(name, "").encode()
    if not passphrase:
        raise UsageError(f"the environment variable {name} has no passphrase")
    return _decoded(passphrase)


def _from_file(path: Path) -> str | bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: the passphrase cannot be read: {error.strerror}") from error
    content = content.removesuffix(b"\n").removesuffix(b"\r")
    if not content:
        raise UsageError(f"{path}: the file is empty, so there is no passphrase")
    return _decoded(content)


def _decoded(content: bytes) -> str | bytes:
    try:
        # As text, it gets the same normal form as a typed one; some editors write a BOM.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content


def _asked(twice: bool) -> str:
    if not sys.stdin.isatty():
        raise UsageError(
            "there is no terminal to ask for the passphrase; use --passphrase-file FILE or "
            "--passphrase-env NAME"
        )
    passphrase = getpass.getpass("Passphrase: ")
    if not passphrase:
        raise UsageError("the passphrase is empty")
    if twice and getpass.getpass("Repeat passphrase: ") != passphrase:
        raise UsageError("the two passphrases differ; nothing was done")
    return passphrase
