"""Files: how long each stage takes, from decoding the cover to encoding the PNG."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TypeVar

import runtime
from benchmarks.common.configurations import code_only
from benchmarks.common.folders import all_done
from benchmarks.common.photographs import find_photographs
from benchmarks.latency.calls import opened
from benchmarks.latency.timing import Case, Timing, milliseconds, timing
from runtime import read_picture, write_picture
from runtime.images.resize import resize_to

_T = TypeVar("_T")
_Workers = tuple[runtime.Hider, runtime.Revealer]


def measure(models: list[str], device: str, folder: Path | None, most: int) -> list[Timing]:
    """Times each stage on each file, models in turn.

    Args:
        models: Names or folders.
        device: See `runtime.Hider`.
        folder: Photographs; None for scikit-image's.
        most: Most files to use.
    """
    samples: dict[tuple[str, str, str, str], list[float]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        files = find_photographs(folder, work)
        files = files[:: max(1, len(files) // most)][:most]
        workers = [opened(model, device) for model in models]
        _warm_up(workers, files[0])
        for index, cover in enumerate(files):
            secret, container = files[(index + 1) % len(files)], work / f"{index}-container.png"
            for hider, revealer in workers:
                # In this order: what is revealed was hidden before.
                stages = _hide(hider, cover, secret, container)
                _keep(samples, hider.model, "hide", hider.device, stages)
                stages = _reveal(revealer, container, work / "revealed.png")
                _keep(samples, hider.model, "reveal", revealer.device, stages)
        for model, (hider, revealer) in zip(models, workers, strict=True):
            place = work / Path(model).name
            hide = milliseconds(partial(_hide_folder, model, device, files, place))
            reveal = milliseconds(partial(_reveal_folder, model, device, place))
            for operation, used, taken in (
                ("hide", hider.device, hide),
                ("reveal", revealer.device, reveal),
            ):
                samples[hider.model, operation, used, "folder call, a file"] = [taken / len(files)]
        width, height = _mean_size(files)
    return [
        timing(Case("folder", model, operation, width, height, used, stage=stage), taken)
        for (model, operation, used, stage), taken in samples.items()
    ]


def _warm_up(workers: list[_Workers], file: Path) -> None:
    """The first picture of a session takes longer than the others."""
    small = resize_to(read_picture(file), 128, 128)
    for hider, revealer in workers:
        revealer.reveal(hider.hide(small, small))


def _keep(
    samples: dict[tuple[str, str, str, str], list[float]],
    model: str,
    operation: str,
    device: str,
    stages: dict[str, float],
) -> None:
    for stage, taken in {**stages, "all": sum(stages.values())}.items():
        samples.setdefault((model, operation, device, stage), []).append(taken)


def _mean_size(files: list[Path]) -> tuple[int, int]:
    """Mean width and mean height in pixels."""
    shapes = [read_picture(file).shape for file in files]
    return round(statistics.mean(s[1] for s in shapes)), round(
        statistics.mean(s[0] for s in shapes)
    )


def _hide(hider: runtime.Hider, cover: Path, secret: Path, container: Path) -> dict[str, float]:
    """The time of each stage in milliseconds."""
    watch = _Stopwatch()
    pictures = watch.time("decode", lambda: (read_picture(cover), read_picture(secret)))
    hidden = watch.time("network", lambda: hider.hide(*pictures))
    watch.time("encode", lambda: write_picture(container, hidden, overwrite=True))
    return watch.stages


def _reveal(revealer: runtime.Revealer, container: Path, revealed: Path) -> dict[str, float]:
    """The time of each stage in milliseconds."""
    watch = _Stopwatch()
    picture = watch.time("decode", lambda: read_picture(container))
    secret = watch.time("network", lambda: revealer.reveal(picture))
    watch.time("encode", lambda: write_picture(revealed, secret, overwrite=True))
    return watch.stages


class _Stopwatch:
    def __init__(self) -> None:
        self.stages: dict[str, float] = {}

    def time(self, stage: str, call: Callable[[], _T]) -> _T:
        """Calls, and notes the time in milliseconds."""
        results: list[_T] = []
        self.stages[stage] = milliseconds(lambda: results.append(call()))
        return results[0]


def _hide_folder(model: str, device: str, files: list[Path], work: Path) -> None:
    """Hides one secret in all covers, several at a time."""
    covers = work / "covers"
    covers.mkdir(parents=True)
    for file in files:
        (covers / file.name).symlink_to(file.resolve())
    out = work / "containers"
    options = code_only(model)
    _finish(runtime.hide_folder(covers, files[0], out, model=model, device=device, **options))


def _reveal_folder(model: str, device: str, work: Path) -> None:
    containers, out = work / "containers", work / "revealed"
    _finish(runtime.reveal_folder(containers, out, model=model, device=device))


def _finish(results: Iterable[runtime.HideResult | runtime.RevealResult]) -> None:
    for _ in all_done(results):
        pass
