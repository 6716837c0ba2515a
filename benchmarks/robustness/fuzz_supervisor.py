"""Runs the processes that try damaged files, and notes crashes, hangs and excessive memory."""

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
from typing import IO, Any

import psutil
from tqdm import tqdm

from benchmarks.robustness.fuzz_worker import OPERATIONS
from benchmarks.robustness.mutations import mutant
from runtime.images.decode import MAX_PIXELS
from runtime.images.formats import sniff

_START_SECONDS = 180.0
_FOLDER_FILES = 40
_IDLE_SECONDS = 60.0
_END_SECONDS = 5.0


@dataclass
class Tally:
    """The outcomes so far, shared by the threads that supervise the workers."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    formats: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[dict[str, Any]] = field(default_factory=list)
    cut_but_read: Counter[str] = field(default_factory=Counter)
    slowest: dict[str, Any] = field(default_factory=lambda: {"seconds": 0.0})
    largest: dict[str, Any] = field(default_factory=lambda: {"peak_mib": 0})
    through_folders: int = 0
    large: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Supervisor:
    """Gives files to one worker after another, and notes what they report or that they hang."""

    def __init__(
        self,
        options: argparse.Namespace,
        files: dict[str, bytes],
        tally: Tally,
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
        """Tries a share of the files, given by number."""
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
        """Seconds that a file may take: a few kilobytes may hold a large picture."""
        kind = sniff(mutant(self._options.seed, index, self._files).content)
        pixels = kind.width * kind.height if kind else 0
        if pixels > MAX_PIXELS:  # rejected without decoding
            pixels = 0
        large = float(self._options.seconds_a_megapixel * pixels / 1e6)
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
        # Not a pipe, which the output of libraries could fill.
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.robustness.fuzz_worker", str(self._options.seed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self._lines = queue.SimpleQueue()
        reader = threading.Thread(target=_forward, args=(self._process.stdout, self._lines))
        reader.start()
        if self._answer(_START_SECONDS) is None:
            raise RuntimeError(f"the worker did not start: {self._tail()}")
        return self._process

    def _answer(self, limit: float) -> dict[str, Any] | None:
        """The next report of the worker; None if it ended, or worked or was idle for too long."""
        assert self._process is not None
        last, since = self._used, time.monotonic()
        while True:
            with contextlib.suppress(queue.Empty):
                line = self._lines.get(timeout=1)
                self._used = _processor_seconds(self._process)
                return dict(json.loads(line)) if line else None
            now = _processor_seconds(self._process)
            if now > last:
                last, since = now, time.monotonic()
            if now - self._used > limit or time.monotonic() - since > _IDLE_SECONDS:
                return None

    def _note(self, indices: list[int], answer: dict[str, Any], limit: float) -> None:
        operation, outcome = answer["operation"], answer["outcome"]
        damaged = mutant(self._options.seed, indices[0], self._files)
        where = {"index": indices[0], "sample": damaged.sample, "operation": operation}
        with self._tally.lock:
            self._tally.outcomes[operation, outcome] += 1
            self._tally.through_folders += len(indices) if operation == "folder" else 0
            if operation == "cover":
                format_ = damaged.sample.partition("/")[0]
                self._tally.formats[format_, outcome] += 1
                share = len(damaged.content) / len(self._files[damaged.sample])
                if damaged.how == ("cut",) and outcome == "done" and share < 0.75:
                    self._tally.cut_but_read[damaged.sample] += 1
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
        for index, damaged in zip(indices, mutants, strict=True):
            extension = damaged.sample.partition("/")[0]
            path = self._options.keep / f"{self._options.seed}-{index}-{operation}.{extension}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(damaged.content)
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
            # It removes its temporary folder if it ends by itself.
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


def _forward(stream: IO[str], lines: queue.SimpleQueue[str]) -> None:
    """Forwards all lines, then an empty one."""
    with stream:
        for line in stream:
            lines.put(line)
    lines.put("")
