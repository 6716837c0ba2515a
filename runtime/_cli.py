"""What the commands share: options, exit codes, and how results and errors are told."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from runtime._decode import MAX_PIXELS
from runtime._encode import FORMATS
from runtime._errors import DeviceError, ModelError, PlainsightError, UsageError
from runtime._files import remove_unfinished
from runtime._jobs import Handling
from runtime._models import DEFAULT
from runtime._passphrase import add_passphrase_options, refuse_values
from runtime._plan import STANDARD
from runtime._results import HideResult, RevealResult, as_json

DONE, SOME_FAILED, USAGE, NO_DEVICE, INTERRUPTED = 0, 1, 2, 3, 130

_MEGA = 1_000_000


def run_command(
    configure: Callable[[argparse.ArgumentParser], None],
    run: Callable[[argparse.Namespace], int],
    arguments: list[str] | None,
    prog: str,
    description: str,
) -> int:
    """Parses arguments and runs a command; returns its exit code."""
    parser = argparse.ArgumentParser(prog=prog, description=description, allow_abbrev=False)
    configure(parser)
    given = sys.argv[1:] if arguments is None else arguments
    return run_parsed(parser, given, run)


def run_parsed(
    parser: argparse.ArgumentParser,
    given: list[str],
    run: Callable[[argparse.Namespace], int] | None = None,
) -> int:
    """Runs what a parser's result, or else its `run`, stands for."""
    if said := refuse_values(given):
        parser.error(said)
    options = parser.parse_args(given)
    return guarded(lambda: (run or options.run)(options))


def add_file_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options of both commands that make files."""
    parser.add_argument(
        "-o",
        "--out",
        required=True,
        type=Path,
        metavar="OUT",
        help="folder for what is made, created if missing; or, for one picture, a file that ends "
        f"in {', '.join(FORMATS.values())}, or - for standard output",
    )
    parser.add_argument(
        "--format", choices=list(FORMATS), help="of files in a folder (default: png)"
    )
    existing = parser.add_mutually_exclusive_group()
    existing.add_argument(
        "--overwrite", action="store_true", help="replace files that are there already"
    )
    existing.add_argument(
        "--skip-existing", action="store_true", help="leave them alone, and finish the rest"
    )
    parser.add_argument("--limit", type=_count, metavar="N", help="stop after N pictures")
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be done, and do nothing"
    )
    parser.add_argument(
        "--fail-fast", action="store_true", help="begin nothing more once a picture has failed"
    )
    parser.add_argument(
        "--max-megapixels",
        type=_positive,
        default=MAX_PIXELS / _MEGA,
        metavar="N",
        help="refuse larger pictures (default: %(default)g)",
    )
    add_device_options(parser)
    add_passphrase_options(parser)
    add_output_options(parser)


def add_device_options(parser: argparse.ArgumentParser) -> None:
    """Adds the choice of model, device and threads."""
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
        "--threads",
        type=int,
        metavar="N",
        help="threads on the CPU for each picture (default: one, and as many pictures at a time "
        "as there are cores; for one picture, one a core)",
    )


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """Adds what is said, and how."""
    parser.add_argument(
        "--json", action="store_true", help="one JSON object for each picture on standard output"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing but errors")


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, got {text!r}")
    return int(text)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not value > 0:
        raise argparse.ArgumentTypeError(f"must be a positive number, got {text!r}")
    return value


def handling_of(options: argparse.Namespace) -> Handling:
    """How files are to be handled; raises UsageError where options exclude each other."""
    if options.out == STANDARD and (options.json or options.dry_run):
        other = "--json" if options.json else "--dry-run"
        raise UsageError(f"{other} cannot be had with -o -: both go to standard output")
    if options.out == STANDARD and sys.stdout.isatty():
        raise UsageError("a picture is not shown on a terminal; send it to a file or a program")
    return Handling(
        format=options.format or "png",
        overwrite=options.overwrite,
        skip_existing=options.skip_existing,
        max_pixels=round(options.max_megapixels * _MEGA),
    )


def say(line: str) -> None:
    """Tells the user something, on stderr."""
    print(line, file=sys.stderr, flush=True)


def list_line(line: str) -> None:
    """Prints a line on standard output; names that are no text as the bytes that they are."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="surrogateescape")
    print(line)


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
    except BrokenPipeError:
        # Whoever read our output has had enough; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SOME_FAILED
    except (PlainsightError, OSError) as error:
        say(f"error: {error}")
        return SOME_FAILED
    except KeyboardInterrupt:
        say("interrupted; every file that was written is whole")
        return INTERRUPTED


@contextlib.contextmanager
def quiet_libraries() -> Iterator[None]:
    """Keeps OpenCV's own lines on stderr back: what they say is in our errors."""
    from cv2.utils import logging

    before = logging.getLogLevel()
    logging.setLogLevel(logging.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        logging.setLogLevel(before)


@contextlib.contextmanager
def interruptible() -> Iterator[threading.Event]:
    """An event that Ctrl-C sets, so that what is in hand can be finished; a second one ends all."""
    stop = threading.Event()

    def handle(_: int, __: FrameType | None) -> None:
        if stop.is_set():
            remove_unfinished()
            say("stopped at once; every file that was written is whole")
            os._exit(INTERRUPTED)
        stop.set()
        say("interrupted: finishing the pictures in hand; Ctrl-C again stops at once")

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def report(
    results: Iterator[HideResult | RevealResult],
    total: int,
    done: str,
    options: argparse.Namespace,
    stop: threading.Event,
) -> int:
    """Shows progress and what came of each picture as results come; returns the exit code.

    Args:
        results: As they are made.
        total: How many there will be.
        done: What is done to a picture, such as `hidden`.
        options: Those of the command.
        stop: Set by Ctrl-C; set here to begin nothing more.
    """
    from tqdm import tqdm

    counts = {"done": 0, "skipped": 0, "failed": 0}
    pixels, start = 0, time.perf_counter()
    interrupted = False
    # disable=None: no bar where stderr is not a terminal.
    hidden = True if options.quiet else None
    with tqdm(total=total, unit="file", disable=hidden, dynamic_ncols=True, leave=False) as bar:
        for result in results:
            if options.json:
                bar.clear()
                print(json.dumps(as_json(result)), flush=True)
            name = result.cover if isinstance(result, HideResult) else result.container
            name = Path("standard input") if name == STANDARD else name
            if not options.quiet:
                for note in result.notes:
                    bar.write(f"warning: {name}: {note}", file=sys.stderr)
            if result.error is not None:
                bar.write(f"error: {result.error}", file=sys.stderr)
                if options.fail_fast and not stop.is_set():
                    stop.set()
                    bar.write("stopping, as --fail-fast asks for", file=sys.stderr)
                    counts["fast"] = 1
            counts["failed" if result.error else "skipped" if result.skipped else "done"] += 1
            if result.size and not result.error:
                pixels += result.size[0] * result.size[1]
            rate = pixels / _MEGA / (time.perf_counter() - start)
            bar.set_postfix_str(f"{rate:.1f} MP/s", refresh=False)
            bar.update()
    interrupted = stop.is_set() and "fast" not in counts
    if not options.quiet:
        seconds = time.perf_counter() - start
        say(_summary(counts, total, done, str(options.out), pixels, seconds))
    if interrupted:
        return INTERRUPTED
    return SOME_FAILED if counts["failed"] else DONE


def _summary(
    counts: dict[str, int], total: int, done: str, out: str, pixels: int, seconds: float
) -> str:
    where = "" if out == str(STANDARD) else f", in {out}"
    line = f"{counts['done']} of {total} {done}{where}"
    if counts["skipped"]:
        line += f"; {counts['skipped']} were there already"
    if counts["failed"]:
        line += f"; {counts['failed']} failed"
    left = total - counts["done"] - counts["skipped"] - counts["failed"]
    if left:
        line += f"; {left} not begun"
    if counts["done"]:
        line += f" ({pixels / _MEGA:.1f} megapixels in {seconds:.1f} s)"
    return line
