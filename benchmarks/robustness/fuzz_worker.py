"""The process that `fuzz` tries damaged files in; it may crash.

Reads numbers of cases from standard input, one line each. Writes a JSON object for each operation
to standard output before the next one begins, so that `fuzz` knows which one crashed or hung.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import resource
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

import runtime
from benchmarks.robustness.corpus import corpus, photograph
from benchmarks.robustness.mutations import Mutant, mutant
from runtime.cli.run import quiet_libraries
from runtime.engine.models import DEFAULT
from runtime.images.decode import decode

OPERATIONS = ("reveal", "cover", "secret")
_ADDRESS_SPACE = 12 << 30
_LARGE = 1_000_000


def main() -> None:
    """Runs the cases that standard input names."""
    faulthandler.enable()
    seed = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with quiet_libraries():
        worker = _Worker(seed)
        _report({"ready": True})
        for line in sys.stdin:
            what, *numbers = line.split()
            if what == "case":
                worker.case(int(numbers[0]))
            else:
                worker.folder([int(number) for number in numbers])


class _Worker:
    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._files = corpus()
        self._cover = photograph("rocket")
        self._secret = photograph("astronaut", 40, 40)
        self._hider = runtime.Hider(device="cpu", threads=1)
        self._revealer = runtime.Revealer(DEFAULT, device="cpu", threads=1)
        self._revealer.reveal(self._hider.hide(self._cover, self._secret))

    def case(self, index: int) -> None:
        """Tries one damaged file as container, as cover and as secret."""
        content = mutant(self._seed, index, self._files).content
        calls: dict[str, Callable[[], object]] = {
            "reveal": lambda: self._revealer.reveal(content),
            "cover": lambda: self._check(self._hider.hide(content, self._secret)),
            "secret": lambda: self._check(self._hider.hide(self._cover, content)),
        }
        for operation in OPERATIONS:
            _timed(operation, calls[operation])

    def _check(self, container: bytes | np.ndarray) -> None:
        """The container must be a complete picture, and hold a secret."""
        if isinstance(container, bytes):
            container = decode(container).pixels
        if container.size < _LARGE:
            self._revealer.reveal(container)

    def folder(self, indices: list[int]) -> None:
        """Tries damaged files in a folder as covers, secrets and containers."""
        mutants = [mutant(self._seed, index, self._files) for index in indices]
        with tempfile.TemporaryDirectory(prefix="robustness-") as name:
            folder = Path(name)
            _timed("folder", lambda: _folder(folder, mutants))


def _folder(folder: Path, mutants: list[Mutant]) -> None:
    damaged_files = folder / "damaged"
    damaged_files.mkdir()
    for number, damaged in enumerate(mutants):
        extension = damaged.sample.partition("/")[0]
        path = damaged_files / f"{number:03}.{extension}"
        path.write_bytes(damaged.content)
    runtime.write_picture(folder / "good.png", photograph("rocket"))
    runs: list[tuple[str, Iterable[runtime.HideResult | runtime.RevealResult]]] = [
        ("covers", runtime.hide_folder(damaged_files, folder / "good.png", folder / "covers")),
        (
            "both",
            runtime.hide_folder(damaged_files, damaged_files, folder / "both", verify=True),
        ),
        ("revealed", runtime.reveal_folder(damaged_files, folder / "revealed")),
    ]
    for out, results in runs:
        done = []
        for result in results:
            path = result.container if isinstance(result, runtime.HideResult) else result.revealed
            partly = isinstance(result.error, runtime.AlteredError) and result.size is not None
            if result.error is None or partly:
                runtime.read_picture(path)
                done.append(path)
            elif not isinstance(result.error, runtime.FileError):
                raise AssertionError(
                    f"not an error of the file: {result.error!r}"
                ) from result.error
            elif result.error.path is None:
                raise AssertionError(f"the error names no file: {result.error}")
        left = sorted(path for path in (folder / out).rglob("*") if path.is_file())
        if left != sorted(done):
            raise AssertionError(f"{len(done)} files were reported, {len(left)} exist")
    if any((folder / "covers").rglob("*.png")):
        for back in runtime.reveal_folder(folder / "covers", folder / "back"):
            if back.error is not None:
                raise AssertionError(f"a container reveals nothing: {back.error!r}")


def _timed(operation: str, call: Callable[[], object]) -> None:
    _reset_peak()
    start = time.process_time()
    try:
        call()
        outcome, detail = "done", ""
    except runtime.PlainsightError as error:
        outcome, detail = error.code, str(error)
        if not isinstance(error, runtime.FileError):
            outcome = f"failure: {type(error).__name__}"
    except Exception as error:
        outcome, detail = f"failure: {type(error).__name__}", traceback.format_exc()
    seconds = time.process_time() - start
    _report(
        {
            "operation": operation,
            "outcome": outcome,
            "detail": detail[-2000:],
            "seconds": round(seconds, 4),
            "peak_mib": _peak_mib(),
        }
    )


def _report(what: dict[str, object]) -> None:
    print(json.dumps(what), flush=True)


def _reset_peak() -> None:
    # Resets the high-water mark on Linux (proc_pid_clear_refs(5)).
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak_mib() -> int:
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    return int(status.partition("VmHWM:")[2].split()[0]) >> 10


if __name__ == "__main__":
    main()
