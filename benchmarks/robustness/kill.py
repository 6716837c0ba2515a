"""Kills folder runs at random moments: files are complete, and another run finishes the job."""

from __future__ import annotations

import argparse
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from PIL import Image
from tqdm import tqdm

import runtime
from benchmarks.common.metrics import psnr
from benchmarks.robustness.corpus import photograph
from runtime.engine.models import DEFAULT
from runtime.images.image import Picture

SUMMARY = "folder runs killed at random moments"
_LEAST_PSNR = 30.0
_TIMEOUT = 600.0
_TRIES = 20

# Without O_TMPFILE, which not all file systems have, temporary files have names.
_NAMED = "import os, sys; del os.O_TMPFILE; from runtime.__main__ import main; sys.exit(main())"


@dataclass(frozen=True)
class _Run:
    """A kind of run.

    Attributes:
        label: For the report.
        command: `hide` or `reveal`.
        options: Further arguments.
        extension: Extension of the files that are written.
        again: Whether all files already exist and are overwritten.
        named: Whether temporary files have names.
    """

    label: str
    command: str
    options: tuple[str, ...] = ()
    extension: str = ".png"
    again: bool = False
    named: bool = False


_RUNS = (
    _Run("hide", "hide"),
    _Run("reveal", "reveal"),
    _Run("hide, verified", "hide", ("--verify",)),
    _Run("hide as tiff", "hide", ("--format", "tiff"), ".tiff"),
    _Run("hide anew", "hide", ("--overwrite",), again=True),
    _Run("hide, temporary files with names", "hide", named=True),
    _Run("hide anew, temporary files with names", "hide", ("--overwrite",), ".png", True, True),
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument(
        "--times", type=int, default=50, metavar="N", help="number of kills (%(default)s)"
    )
    parser.add_argument(
        "--interrupts",
        type=int,
        default=5,
        metavar="N",
        help="runs interrupted once, and runs interrupted twice (%(default)s)",
    )
    parser.add_argument(
        "--pictures", type=int, default=10, metavar="N", help="pictures per run (%(default)s)"
    )
    parser.add_argument("--side", type=int, default=384, help="width in pixels (%(default)s)")
    parser.add_argument(
        "--seed", type=int, default=1, help="seed of the random moments (%(default)s)"
    )


def run(options: argparse.Namespace) -> tuple[dict[str, Any], bool]:
    """Kills and interrupts runs; returns the report, and whether there were no problems."""
    with tempfile.TemporaryDirectory(prefix="robustness-") as folder:
        workspace = _Workspace(Path(folder), options.pictures, options.side, Random(options.seed))
        runs = [_RUNS[number % len(_RUNS)] for number in range(options.times)]
        seconds = {run.label: workspace.time(run) for run in {_RUNS[0], *runs}}
        kills = [workspace.kill(run, seconds[run.label]) for run in _bar(runs)]
        once, twice = (
            [workspace.interrupt(presses, seconds["hide"]) for _ in _bar(range(options.interrupts))]
            for presses in (1, 2)
        )
    problems = [
        *(f"{kill['kind']}: {problem}" for kill in kills for problem in kill["problems"]),
        *(f"interrupted: {problem}" for case in (*once, *twice) for problem in case["problems"]),
    ]
    report = {
        "seed": options.seed,
        "pictures_a_run": options.pictures,
        "side": options.side,
        "kills": len(kills),
        "kills_by_kind": dict(Counter(kill["kind"] for kill in kills)),
        "kills_with_some_files_done_and_some_not": sum(
            0 < kill["done"] < options.pictures for kill in kills
        ),
        "files_there_after_a_kill": sum(kill["done"] for kill in kills),
        "half_written_files": sum(kill["broken"] for kill in kills),
        "temporary_files_left_by_a_kill": sum(kill["left"] for kill in kills if not kill["named"]),
        "temporary_files_left_by_a_kill_where_they_have_names": sum(
            kill["left"] for kill in kills if kill["named"]
        ),
        "temporary_files_left_after_the_next_run": sum(kill["left_in_the_end"] for kill in kills),
        "jobs_finished_by_skip_existing": sum(kill["finished"] for kill in kills),
        "interrupted_once": once,
        "interrupted_twice": twice,
        "problems": problems,
    }
    return report, not problems


def _bar(items: Any) -> Any:
    return tqdm(items, disable=None, leave=False)


class _Workspace:
    """The folders that runs work on, and the secrets that they must reveal."""

    def __init__(self, folder: Path, pictures: int, side: int, random: Random) -> None:
        self._folder, self._random, self._runs = folder, random, 0
        self._revealer = runtime.Revealer(device="cpu")
        self._secrets: dict[str, Picture] = {}
        names = ("astronaut", "coffee", "rocket", "chelsea")
        for number in range(pictures):
            stem = f"{'deep/' if number % 3 == 2 else ''}{number:03}"
            cover = np.roll(photograph(names[number % 4], 300, side), 7 * number, axis=1)
            secret = np.roll(photograph(names[(number + 1) % 4], 300, side), 5 * number, axis=1)
            extension = (".png", ".jpg", ".bmp", ".webp")[number % 4]
            _save(folder / "covers" / f"{stem}{extension}", cover)
            _save(folder / "secrets" / f"{stem}.png", secret)
            self._secrets[stem] = secret
        hidden = self._start(_RUNS[0], folder / "containers")
        assert hidden.wait(_TIMEOUT) == 0

    def time(self, run: _Run) -> float:
        """Seconds that a complete run takes after its model is loaded."""
        out = self._new_out()
        process = self._start(run, out)
        _wait_for_model(process)
        start = time.monotonic()
        assert process.wait(_TIMEOUT) == 0
        return time.monotonic() - start

    def kill(self, run: _Run, seconds: float) -> dict[str, Any]:
        """Kills a run, checks what it left, and lets another run finish the job."""
        for _ in range(_TRIES):
            out = self._new_out()
            if run.again:
                assert self._start(replace(run, options=()), out).wait(_TIMEOUT) == 0
            process = self._start(run, out)
            _wait_for_model(process)
            moment = self._random.uniform(0, seconds)
            time.sleep(moment)
            process.kill()
            if process.wait() == -signal.SIGKILL:
                break
            # It was faster than the run that was timed.
            seconds *= 0.6
        else:
            raise RuntimeError("all runs ended before they could be killed")
        problems: list[str] = []
        done, broken, left = self._inspect(run, out, problems)
        if left and not run.named:
            problems.append(f"{left} temporary files left")
        before = {path: _digest(path) for path in _files(out)}
        options = tuple(option for option in run.options if option != "--overwrite")
        finish = self._start(replace(run, options=(*options, "--skip-existing")), out)
        code = finish.wait(_TIMEOUT)
        there, broken_later, left_later = self._inspect(run, out, problems)
        changed = [p for p, total in before.items() if not _is_temporary(p) and _digest(p) != total]
        finished = code == 0 and there == len(self._secrets) and not broken_later
        if not finished:
            problems.append(f"not finished: exit {code}, {there} of {len(self._secrets)} files")
        if left_later:
            problems.append(f"{left_later} temporary files left after the next run")
        if changed:
            problems.append(f"{len(changed)} complete files were written again")
        return {
            "kind": run.label,
            "named": run.named,
            "after_seconds": round(moment, 3),
            "done": done,
            "broken": broken,
            "left": left,
            "left_in_the_end": left_later,
            "finished": finished,
            "problems": problems,
        }

    def interrupt(self, presses: int, seconds: float) -> dict[str, Any]:
        """Presses Ctrl-C at a random moment of a run, once or twice."""
        for _ in range(_TRIES):
            out = self._new_out()
            process = self._start(_RUNS[0], out)
            _wait_for_model(process)
            time.sleep(self._random.uniform(0, 0.6 * seconds))
            process.send_signal(signal.SIGINT)
            pressed = time.monotonic()
            if presses == 2:
                # Only after the first was handled: two at once would count as one.
                _wait_for_line(process, "finishing the pictures in progress")
                process.send_signal(signal.SIGINT)
                pressed = time.monotonic()
            code = process.wait(_TIMEOUT)
            took = time.monotonic() - pressed
            assert process.stderr is not None
            output = process.stderr.read()
            if code == 130 and (presses == 1 or "stopped at once" in output):
                break
        else:
            return {"problems": [f"exit {code} instead of 130: {output[-500:]}"]}
        problems: list[str] = []
        done, broken, left = self._inspect(_RUNS[0], out, problems)
        if left:
            problems.append(f"{left} temporary files left")
        if "Traceback" in output:
            problems.append(output[-1000:])
        return {
            "exit": code,
            "done": done,
            "broken": broken,
            "left": left,
            "seconds_to_end": round(took, 2),
            "problems": problems,
        }

    def _inspect(self, run: _Run, out: Path, problems: list[str]) -> tuple[int, int, int]:
        """Counts all files, those of them that are incomplete, and temporary files."""
        done = broken = left = 0
        for path in _files(out):
            stem = path.relative_to(out).with_suffix("").as_posix()
            if _is_temporary(path):
                left += 1
            elif stem not in self._secrets or path.suffix != run.extension:
                problems.append(f"{path.name} should not exist")
            else:
                done += 1
                if reason := self._why_broken(run, path, self._secrets[stem]):
                    broken += 1
                    problems.append(f"{path.name}: {reason}")
        return done, broken, left

    def _why_broken(self, run: _Run, path: Path, secret: Picture) -> str:
        try:
            with Image.open(path) as image:
                picture = np.array(image.convert("RGB"))
            revealed = self._revealer.reveal(picture) if run.command == "hide" else picture
        except (OSError, SyntaxError, runtime.PlainsightError) as error:
            return f"{error!r}"
        value = psnr(secret, revealed)
        return "" if value > _LEAST_PSNR else f"reveals only {value:.1f} dB"

    def _start(self, run: _Run, out: Path) -> subprocess.Popen[str]:
        inputs = ["covers", "secrets"] if run.command == "hide" else ["containers"]
        start = ["-c", _NAMED] if run.named else ["-m", "runtime"]
        return subprocess.Popen(
            [
                sys.executable,
                *start,
                run.command,
                *(str(self._folder / name) for name in inputs),
                "-o",
                str(out),
                "--device",
                "cpu",
                *run.options,
            ],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(runtime.__file__).parent.parent)},
        )

    def _new_out(self) -> Path:
        self._runs += 1
        return self._folder / f"out-{self._runs}"


def _wait_for_model(process: subprocess.Popen[str]) -> None:
    # Reveal names all the models that it asks, this one first.
    _wait_for_line(process, DEFAULT)


def _wait_for_line(process: subprocess.Popen[str], words: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return


def _files(out: Path) -> Iterator[Path]:
    return (path for path in sorted(out.rglob("*")) if path.is_file())


def _is_temporary(path: Path) -> bool:
    return path.name.startswith(".")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "gone"


def _save(path: Path, picture: Picture) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path)
