"""What the commands share: options, exit codes, progress, and how errors are told."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from typing import Protocol

from runtime._errors import DeviceError, ModelError, PlainsightError, UsageError
from runtime._models import DEFAULT

DONE, SOME_FAILED, USAGE, NO_DEVICE, INTERRUPTED = 0, 1, 2, 3, 130


class _Result(Protocol):
    @property
    def error(self) -> PlainsightError | None: ...


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that both commands have."""
    parser.add_argument(
        "-o",
        "--out",
        required=True,
        metavar="OUT",
        help="folder for the PNG files, made if missing; or a .png file, if the input is a file",
    )
    parser.add_argument(
        "--model",
        default=DEFAULT,
        help="name of a shipped model, or folder of one's own (default: %(default)s)",
    )
    parser.add_argument(
        "--device",
        default="auto",
        metavar="auto|cpu|cuda[:N]",
        help="where to run; auto takes CUDA where it works (default: %(default)s)",
    )
    parser.add_argument(
        "--threads", type=int, metavar="N", help="threads on the CPU (default: one a core)"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace files that are there already"
    )


def say(line: str) -> None:
    """Tells the user something, on stderr."""
    print(line, file=sys.stderr, flush=True)


def guarded(command: Callable[[], int]) -> int:
    """Runs a command; its errors become a line on stderr and an exit code."""
    try:
        return command()
    except DeviceError as error:
        say(f"error: {error}")
        return NO_DEVICE
    except (UsageError, ModelError) as error:
        say(f"error: {error}")
        return USAGE
    except OSError as error:
        say(f"error: {error}")
        return SOME_FAILED
    except KeyboardInterrupt:
        say("interrupted; every file that was written is whole")
        return INTERRUPTED


def report(results: Iterator[_Result], total: int, done: str, out: str) -> int:
    """Shows progress and each failure as the results come; returns the exit code.

    Args:
        results: As they are made.
        total: How many there will be.
        done: What was done to a file, such as `hidden`.
        out: Where the files went.
    """
    from tqdm import tqdm

    failed = 0
    # disable=None: no bar where stderr is not a terminal.
    with tqdm(total=total, unit="file", disable=None, dynamic_ncols=True, leave=False) as bar:
        for result in results:
            if result.error is not None:
                failed += 1
                bar.write(f"error: {result.error}", file=sys.stderr)
            bar.update()
    say(f"{total - failed} of {total} {done}, in {out}" + (f"; {failed} failed" if failed else ""))
    return SOME_FAILED if failed else DONE
