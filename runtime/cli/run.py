"""How a command runs: exit codes, errors, Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

from runtime.batch.files import remove_unfinished
from runtime.cli.advice import with_advice
from runtime.cli.passphrase import refuse_values
from runtime.cli.streams import open_missing_streams, printable
from runtime.errors import DeviceError, ModelError, PlainsightError, UsageError

_STDERR = 2  # as a file descriptor
DONE, SOME_FAILED, USAGE, NO_DEVICE, INTERRUPTED = 0, 1, 2, 3, 130


def run_command(
    configure: Callable[[argparse.ArgumentParser], None],
    run: Callable[[argparse.Namespace], int],
    arguments: list[str] | None,
    prog: str,
    description: str,
) -> int:
    """Parses arguments and runs a command; returns its exit code."""

    def make_parser() -> argparse.ArgumentParser:
        parser = argparse.ArgumentParser(prog=prog, description=description, allow_abbrev=False)
        configure(parser)
        return parser

    return run_parser(make_parser, sys.argv[1:] if arguments is None else arguments, run)


def run_parser(
    make_parser: Callable[[], argparse.ArgumentParser],
    arguments: list[str],
    run: Callable[[argparse.Namespace], int] | None = None,
) -> int:
    """Makes a parser and runs `run`, or what the arguments select; returns the exit code."""

    def parse_and_run() -> int:
        parser = make_parser()
        if problem := refuse_values(arguments):
            parser.error(problem)
        options = parser.parse_args(arguments)
        return int((run or options.run)(options))

    return guarded(parse_and_run)


def guarded(command: Callable[[], int]) -> int:
    """Runs a command; its errors become a line on stderr and an exit code."""
    open_missing_streams()
    try:
        return command()
    except DeviceError as error:
        say(f"error: {error}")
        return NO_DEVICE
    except (UsageError, ModelError) as error:
        say(f"error: {with_advice(error)}")
        return USAGE
    except BrokenPipeError:
        # Whoever read our output has stopped reading; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SOME_FAILED
    except (PlainsightError, OSError) as error:
        say(f"error: {with_advice(error)}")
        return SOME_FAILED
    except KeyboardInterrupt:
        say("interrupted; every file that was written is whole")
        return INTERRUPTED


def say(line: str) -> None:
    """Prints a line for the user, on stderr."""
    print(printable(line), file=sys.stderr, flush=True)


@contextlib.contextmanager
def quiet_libraries() -> Iterator[None]:
    """Suppresses lines that libraries print on stderr: our errors say what they say.

    Some print on the descriptor itself, such as libpng, so Python's stderr gets one of its own.
    """
    try:
        redirected = sys.stderr.fileno() == _STDERR
        own = os.dup(_STDERR) if redirected else -1
    except (OSError, ValueError, AttributeError):
        redirected = False  # there is none, or it is none of the system's
    if not redirected:
        yield
        return
    before = sys.stderr
    before.flush()
    encoding, errors = before.encoding, before.errors
    with open(own, "w", encoding=encoding, errors=errors, buffering=1) as stream:  # noqa: PTH123
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, _STDERR)
        os.close(nothing)
        sys.stderr = stream
        try:
            yield
        finally:
            stream.flush()
            sys.stderr = before
            os.dup2(own, _STDERR)


@contextlib.contextmanager
def interruptible() -> Iterator[threading.Event]:
    """An event that Ctrl-C sets, so that pictures in progress can finish; a second one exits."""
    stop = threading.Event()

    def handle(_: int, __: FrameType | None) -> None:
        if stop.is_set():
            remove_unfinished()
            say("stopped at once; every file that was written is whole")
            os._exit(INTERRUPTED)
        stop.set()
        say("interrupted: finishing the pictures in progress; Ctrl-C again stops at once")

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
