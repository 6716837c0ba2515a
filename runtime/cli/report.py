"""How progress and results are shown."""

from __future__ import annotations

import argparse
import io
import json
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from runtime.batch.pictures import STANDARD_INPUT
from runtime.batch.plan import STANDARD
from runtime.cli.advice import with_advice
from runtime.cli.options import MEGA
from runtime.cli.passphrase import others_can_read
from runtime.cli.run import DONE, INTERRUPTED, SOME_FAILED, say
from runtime.cli.streams import printable
from runtime.payloads import Payload
from runtime.results import HideResult, RevealResult, as_json


@dataclass
class _Counts:
    done: int = 0
    skipped: int = 0
    failed: int = 0
    exact: int = 0
    pixels: int = 0
    last: Path | None = None

    def add(self, result: HideResult | RevealResult) -> None:
        if result.error is not None:
            self.failed += 1
        elif result.skipped:
            self.skipped += 1
        else:
            self.done += 1
            self.exact += result.payload is not None and result.payload.exact
            self.last = result.container if isinstance(result, HideResult) else result.revealed
            height, width = result.size or (0, 0)
            self.pixels += height * width


def report(
    results: Iterator[HideResult | RevealResult],
    total: int,
    done: str,
    options: argparse.Namespace,
    stop: threading.Event,
) -> int:
    """Shows progress and each picture's outcome as results arrive; returns the exit code.

    Args:
        results: As they are made.
        total: How many there will be.
        done: What is done to a picture, such as `hidden`.
        options: Those of the command.
        stop: Set by Ctrl-C; set here to start no more.
    """
    from tqdm import tqdm

    counts, start = _Counts(), time.perf_counter()
    stopped_here = False
    # disable=None: no bar where stderr is not a terminal.
    hidden = True if options.quiet else None
    with tqdm(total=total, unit="file", disable=hidden, dynamic_ncols=True, leave=False) as bar:
        for result in results:
            if options.json:
                bar.clear()
                print(json.dumps(as_json(result)), flush=True)
            if not options.quiet:
                for note in result.notes:
                    bar.write(printable(f"warning: {_name(result)}: {note}"), file=sys.stderr)
            if result.error is not None:
                bar.write(printable(f"error: {with_advice(result.error)}"), file=sys.stderr)
                if options.fail_fast and not stop.is_set():
                    stop.set()
                    stopped_here = True
                    bar.write("stopping because of --fail-fast", file=sys.stderr)
            counts.add(result)
            rate = counts.pixels / MEGA / (time.perf_counter() - start)
            bar.set_postfix_str(f"{rate:.1f} MP/s", refresh=False)
            bar.update()
    if not options.quiet:
        say(_summary(counts, total, done, options.out, time.perf_counter() - start))
    if stop.is_set() and not stopped_here:
        return INTERRUPTED
    return SOME_FAILED if counts.failed else DONE


def warn_of_open_passphrase(options: argparse.Namespace) -> None:
    """Warns of a passphrase file that other users can read."""
    path = options.passphrase_file
    if path is not None and not options.quiet and others_can_read(path):
        say(f"warning: {path}: other users of this machine can read the passphrase; chmod 600 it")


def say_left_out(files: tuple[Path, ...]) -> None:
    """Says how many files of the inputs' folders are not worked on."""
    if len(files) == 1:
        say(f"left out: {files[0]}, which is not a picture of a supported format")
    elif files:
        say(
            f"left out: {len(files)} files that are not pictures of a supported format, such as "
            f"{files[0]}"
        )


def in_words(payload: Payload) -> str:
    """What a secret becomes, such as `a code of it, about 44.2 dB`."""
    if payload.exact:
        what = "its own file" if payload.is_file else "its pixels"
        share = f"{100 * payload.size / payload.capacity:.0f}% of what the cover holds"
        return f"{what}, bit for bit; {payload.size:,} bytes, {share}"
    what = "a code of it" if payload.kind == "code" else "a compact file of it"
    if payload.coded_size is not None:
        height, width = payload.coded_size
        what += f", reduced to {width} x {height} pixels"
    return what if payload.psnr is None else f"{what}, about {payload.psnr:.1f} dB"


def list_line(line: str) -> None:
    """Prints a line on standard output: names as they are, but escaped on a terminal."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="surrogateescape")
    print(printable(line) if sys.stdout.isatty() else line)


def _name(result: HideResult | RevealResult) -> Path:
    name = result.cover if isinstance(result, HideResult) else result.container
    return STANDARD_INPUT if name == STANDARD else name


def _summary(counts: _Counts, total: int, done: str, out: Path, seconds: float) -> str:
    line = f"{counts.done} of {total} {done}"
    if out != STANDARD:
        # What a single file is called need not be known before.
        line += f", in {out}" if total != 1 or counts.last is None else f": {counts.last}"
    if counts.exact:
        line += ", bit for bit" if total == 1 else f"; {counts.exact} of them bit for bit"
    if counts.skipped:
        line += f"; {counts.skipped} already existed"
    if counts.failed:
        line += f"; {counts.failed} failed"
    left = total - counts.done - counts.skipped - counts.failed
    if left:
        line += f"; {left} not started"
    if counts.done:
        line += f" ({counts.pixels / MEGA:.1f} megapixels in {seconds:.1f} s)"
    return line
