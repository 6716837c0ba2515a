"""Where the commands get a passphrase from: a file, a variable of the environment, or a prompt.

Never from an argument's value, which everyone on the machine can see and shells keep.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from pathlib import Path

from runtime._errors import UsageError

_NEVER_A_VALUE = (
    "a passphrase is not taken from the command line, where others can see it; use "
    "--ask-passphrase, --passphrase-file FILE or --passphrase-env NAME"
)


def add_passphrase_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options, of which one can be given."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--ask-passphrase", action="store_true", help="ask for a passphrase, without showing it"
    )
    group.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help="take the passphrase from a file: all of it, less one line end",
    )
    group.add_argument(
        "--passphrase-env", metavar="NAME", help="take it from a variable of the environment"
    )


def refuse_values(arguments: list[str]) -> str | None:
    """What is wrong with `--passphrase WORD`, or None: to be said instead of what a parser says.

    A parser's message would show the word.
    """
    for argument in arguments:
        name, _, value = argument.partition("=")
        if name in ("--passphrase", "--password") or (name == "--ask-passphrase" and value):
            return _NEVER_A_VALUE
    return None


def passphrase_of(options: argparse.Namespace, *, twice: bool) -> str | bytes | None:
    """The passphrase that the options lead to, or None if they name none.

    Args:
        options: As `add_passphrase_options` made them.
        twice: Whether a prompt asks again, as a slip in hiding would lose the secret.

    Raises:
        UsageError: There is none where the options point, or the two answers differ.
    """
    if options.passphrase_file is not None:
        return _from_file(options.passphrase_file)
    if options.passphrase_env is not None:
        found = os.environ.get(options.passphrase_env)
        if not found:
            raise UsageError(f"the environment has no passphrase in {options.passphrase_env}")
        return found
    return _asked(twice) if options.ask_passphrase else None


def _from_file(path: Path) -> str | bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: the passphrase cannot be read: {error.strerror}") from error
    content = content.removesuffix(b"\n").removesuffix(b"\r")
    if not content:
        raise UsageError(f"{path}: there is no passphrase in it")
    try:
        # As text it gets the same normal form as one that is typed; some editors put a mark first.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content


def _asked(twice: bool) -> str:
    if not sys.stdin.isatty():
        raise UsageError(
            "there is no terminal to ask for the passphrase on; use --passphrase-file FILE or "
            "--passphrase-env NAME"
        )
    passphrase = getpass.getpass("Passphrase: ")
    if not passphrase:
        raise UsageError("the passphrase is empty")
    if twice and getpass.getpass("The same again: ") != passphrase:
        raise UsageError("the two passphrases differ; nothing was done")
    return passphrase
