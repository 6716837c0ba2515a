"""Damaged picture files of every format through hide and reveal, in processes that may crash."""

from __future__ import annotations

import argparse
import contextlib
import json
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil
from tqdm import tqdm

from benchmarks.robustness.corpus import corpus
from benchmarks.robustness.fuzz_worker import OPERATIONS
from benchmarks.robustness.mutations import mutant
from runtime._decode import MAX_PIXELS
from runtime._sniff import sniff

SUMMARY = "Damaged picture files through hide and reveal"
_START_SECONDS = 180.0
_FOLDER_FILES = 40
_IDLE_SECONDS = 60.0
_END_SECONDS = 5.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("--files", type=int, default=20_000, metavar="N", help="(%(default)s)")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="number of the first one")
    parser.add_argument("--seed", type=int, default=1, help="(%(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="processes (%(default)s)")
    parser.add_argument(
        "--seconds",
        type=float,
        default=10.0,
        help="of a processor's time; more is a hang, and so is a minute without any: others may "
        "use this machine too (%(default)s)",
    )
    parser.add_argument(
        "--seconds-a-megapixel",
        type=float,
        default=2.5,
        metavar="SECONDS",
        help="allowed where that is more, as for large pictures (%(default)s)",
    )
    parser.add_argument(
        "--mebibytes", type=int, default=4096, help="more memory is too much (%(default)s)"
    )
    parser.add_argument(
        "--folder-share",
        type=int,
        default=10,
        metavar="N",
        help="every Nth file also goes through folders (%(default)s)",
    )
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="where files that fail are kept, with the reason"
    )


@dataclass
class _Tally:
    """What came of all of them so far; shared by the threads that watch the workers."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    formats: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[dict[str, Any]] = field(default_factory=list)
    cut_but_read: Counter[str] = field(default_factory=Counter)
    slowest: dict[str, Any] = field(default_factory=lambda: {"seconds": 0.0})
    largest: dict[str, Any] = field(default_factory=lambda: {"peak_mib": 0})
    through_folders: int = 0
    large: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def run(options: argparse.Namespace) -> tuple[dict[str, Any], bool]:
    """Tries all files; returns what to report, and whether all is well."""
    files = corpus()
    tally = _Tally()
    last = options.first + options.files
    shares = [range(options.first + part, last, options.workers) for part in range(options.workers)]
    with tqdm(total=options.files, unit="file", disable=None, leave=False) as bar:
        threads = [
            threading.Thread(target=_Watcher(options, files, tally, bar).work, args=(share,))
            for share in shares
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    outcomes: dict[str, dict[str, int]] = {}
    for (operation, outcome), count in sorted(tally.outcomes.items()):
        outcomes.setdefault(operation, {})[outcome] = count
    formats: dict[str, dict[str, int]] = {}
    for (name, outcome), count in sorted(tally.formats.items()):
        formats.setdefault(name, {})[outcome] = count
    kinds = Counter(failure["outcome"] for failure in tally.failures)
    report = {
        "files": options.files,
        "seed": options.seed,
        "valid_files_that_were_damaged": len(files),
        "limits": {
            "seconds": options.seconds,
            "seconds_a_megapixel_if_more": options.seconds_a_megapixel,
            "mebibytes": options.mebibytes,
        },
        "files_that_say_they_are_so_large_that_they_may_take_more": tally.large,
        "files_through_folders": tally.through_folders,
        "outcomes": outcomes,
        "outcomes_as_cover_by_format": formats,
        "cut_by_a_quarter_but_read": dict(sorted(tally.cut_but_read.items())),
        "failures": dict(kinds),
        "failing_files": [
            {key: failure[key] for key in ("index", "sample", "how", "operation", "outcome")}
            for failure in tally.failures[:100]
        ],
        "slowest": tally.slowest,
        "most_memory": tally.largest,
    }
    return report, not tally.failures


class _Watcher:
    """Feeds one worker after the other, and notes what they say or that they say nothing."""

    def __init__(
        self,
        options: argparse.Namespace,
        files: dict[str, bytes],
        tally: _Tally,
        bar: tqdm[Any],
    ) -> None:
        self._options = options
        self._files = files
        self._tally = tally
        self._bar = bar
        self._process: subprocess.Popen[str] | None = None
        self._errors: IO[str] | None = None
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._used = 0.0

    def work(self, share: range) -> None:
        """Tries a share of the files."""
        chosen: list[int] = []
        try:
            for index in share:
                self._try([index], "case", OPERATIONS, self._allowed(index))
                self._bar.update()
                if index // self._options.workers % self._options.folder_share == 0:
                    chosen.append(index)
                if len(chosen) == _FOLDER_FILES or (index == share[-1] and chosen):
                    limit = self._options.seconds * len(chosen)
                    self._try(chosen, "folder", ("folder",), limit)
                    chosen = []
        finally:
            self._end()

    def _allowed(self, index: int) -> float:
        """Seconds that a file may take: of a few kilobytes, it may be a large picture."""
        kind = sniff(mutant(self._options.seed, index, self._files).content)
        pixels = kind.width * kind.height if kind else 0
        if pixels > MAX_PIXELS:  # and refused
            pixels = 0
        large = self._options.seconds_a_megapixel * pixels / 1e6
        with self._tally.lock:
            self._tally.large += large > self._options.seconds
        return max(large, float(self._options.seconds))

    def _try(
        self, indices: list[int], what: str, operations: tuple[str, ...], limit: float
    ) -> None:
        process = self._process or self._start()
        assert process.stdin is not None
        self._used = _processor_seconds(process)
        process.stdin.write(f"{what} {' '.join(map(str, indices))}\n")
        process.stdin.flush()
        for operation in operations:
            answer = self._answer(limit)
            if answer is not None:
                self._note(indices, answer, limit)
                continue
            self._fail(indices, operation, self._how_it_ended(), self._tail())
            self._end()
            return

    def _how_it_ended(self) -> str:
        assert self._process is not None
        try:
            code = self._process.wait(1)
        except subprocess.TimeoutExpired:
            return "hang"
        return f"crash: {signal.Signals(-code).name if code < 0 else f'exit {code}'}"

    def _start(self) -> subprocess.Popen[str]:
        # Not a pipe, which what libraries print would fill.
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.robustness.fuzz_worker", str(self._options.seed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self._lines = queue.SimpleQueue()
        reader = threading.Thread(target=_pass_on, args=(self._process.stdout, self._lines))
        reader.start()
        if self._answer(_START_SECONDS) is None:
            raise RuntimeError(f"the worker does not start: {self._tail()}")
        return self._process

    def _answer(self, limit: float) -> dict[str, Any] | None:
        """What the worker says next; None if it ended, or has worked or said nothing too long."""
        assert self._process is not None
        last, since = self._used, time.monotonic()
        while True:
            with contextlib.suppress(queue.Empty):
                line = self._lines.get(timeout=1)
                self._used = _processor_seconds(self._process)
                return json.loads(line) if line else None
            now = _processor_seconds(self._process)
            if now > last:
                last, since = now, time.monotonic()
            if now - self._used > limit or time.monotonic() - since > _IDLE_SECONDS:
                return None

    def _note(self, indices: list[int], answer: dict[str, Any], limit: float) -> None:
        operation, outcome = answer["operation"], answer["outcome"]
        made = mutant(self._options.seed, indices[0], self._files)
        where = {"index": indices[0], "sample": made.sample, "operation": operation}
        with self._tally.lock:
            self._tally.outcomes[operation, outcome] += 1
            self._tally.through_folders += len(indices) if operation == "folder" else 0
            if operation == "cover":
                format_ = made.sample.partition("/")[0]
                self._tally.formats[format_, outcome] += 1
                whole = len(self._files[made.sample])
                if made.how == ("cut",) and outcome == "done" and len(made.content) < 0.75 * whole:
                    self._tally.cut_but_read[made.sample] += 1
            if operation != "folder" and answer["seconds"] > self._tally.slowest["seconds"]:
                self._tally.slowest = {**where, "seconds": answer["seconds"]}
            if answer["peak_mib"] > self._tally.largest["peak_mib"]:
                self._tally.largest = {**where, "peak_mib": answer["peak_mib"]}
        if outcome.startswith("failure"):
            self._fail(indices, operation, outcome, answer["detail"], counted=True)
        elif answer["seconds"] > limit:
            self._fail(indices, operation, "slow", f"{answer['seconds']} s")
        if answer["peak_mib"] > self._options.mebibytes:
            self._fail(indices, operation, "memory", f"{answer['peak_mib']} MiB")

    def _fail(
        self,
        indices: list[int],
        operation: str,
        outcome: str,
        detail: str,
        *,
        counted: bool = False,
    ) -> None:
        mutants = [mutant(self._options.seed, index, self._files) for index in indices]
        failure = {
            "index": indices[0],
            "sample": mutants[0].sample,
            "how": mutants[0].how,
            "operation": operation,
            "outcome": outcome,
            "detail": detail,
        }
        with self._tally.lock:
            self._tally.failures.append(failure)
            if not counted:
                self._tally.outcomes[operation, outcome] += 1
        self._bar.write(f"{failure}", file=sys.stderr)
        if self._options.keep is None:
            return
        for index, made in zip(indices, mutants, strict=True):
            extension = made.sample.partition("/")[0]
            path = self._options.keep / f"{self._options.seed}-{index}-{operation}.{extension}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(made.content)
            path.with_suffix(path.suffix + ".json").write_text(json.dumps(failure, indent=2))

    def _tail(self) -> str:
        assert self._errors is not None
        self._errors.seek(0)
        return self._errors.read()[-3000:]

    def _end(self) -> None:
        if self._process is not None:
            assert self._process.stdin is not None and self._errors is not None
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
            # Of its own accord it removes its temporary folder.
            try:
                self._process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._errors.close()
        self._process = None


def _processor_seconds(process: subprocess.Popen[str]) -> float:
    try:
        times = psutil.Process(process.pid).cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def _pass_on(stream: IO[str], lines: queue.SimpleQueue[str]) -> None:
    """Passes all lines on, then an empty one."""
    with stream:
        for line in stream:
            lines.put(line)
    lines.put("")
