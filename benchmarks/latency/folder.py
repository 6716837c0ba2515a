"""Real files: how long each stage takes, from decoding the cover to encoding the PNG."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

import runtime
from benchmarks.latency.timing import Case, Timing, milliseconds, timing
from benchmarks.photographs import find_photographs
from runtime import read_picture, write_picture
from runtime._pictures import Picture, resize_to

_STAGES = ("decode", "resize", "network", "encode")


def measure(models: list[str], device: str, folder: Path | None, most: int) -> list[Timing]:
    """Times each stage on each file, models in turn.

    Args:
        models: Names or folders.
        device: See `runtime.Hider`.
        folder: Photographs; None for scikit-image's.
        most: Files at most.
    """
    samples: dict[tuple[str, str, str, str], list[float]] = {}
    sizes: list[tuple[int, int]] = []
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        files = find_photographs(folder, work)
        files = files[:: max(1, len(files) // most)][:most]
        makers = [
            (runtime.Hider(model, device=device), runtime.Revealer(model, device=device))
            for model in models
        ]
        # The first picture of a session is not what the others are like.
        for hider, revealer in makers:
            small = resize_to(read_picture(files[0]), 128, 128)
            revealer.reveal(hider.hide(small, small))
        for index, cover in enumerate(files):
            secret = files[(index + 1) % len(files)]
            sizes.append(read_picture(cover).shape[1::-1])
            for hider, revealer in makers:
                container = work / f"{index}-container.png"
                stages = _hide(hider, cover, secret, container)
                for part, used, times in (
                    ("hide", hider.device, stages),
                    ("reveal", revealer.device, _reveal(revealer, container, work)),
                ):
                    for stage, taken in times.items():
                        key = hider.model, part, used, stage
                        samples.setdefault(key, []).append(taken)
        for model, (hider, revealer) in zip(models, makers, strict=True):
            for part, used in (("hide", hider.device), ("reveal", revealer.device)):
                call = _whole_hide if part == "hide" else _whole_reveal
                taken = milliseconds(
                    lambda m=model, c=call: c(m, device, files, work / Path(m).name)
                )
                key = hider.model, part, used, "folder call, a file"
                samples[key] = [taken / len(files)]
    width, height = (round(statistics.mean(side)) for side in zip(*sizes, strict=True))
    return [
        timing(Case("folder", model, part, width, height, used, stage=stage), taken)
        for (model, part, used, stage), taken in samples.items()
    ]


def _hide(hider: runtime.Hider, cover: Path, secret: Path, container: Path) -> dict[str, float]:
    pictures: list[Picture] = []
    times = [milliseconds(lambda: pictures.extend((read_picture(cover), read_picture(secret))))]
    size = pictures[0].shape[:2]
    times.append(milliseconds(lambda: pictures.append(resize_to(pictures[1], *size))))
    times.append(milliseconds(lambda: pictures.append(hider.hide(pictures[0], pictures[2]))))
    times.append(milliseconds(lambda: write_picture(container, pictures[3], overwrite=True)))
    return {**dict(zip(_STAGES, times, strict=True)), "all": sum(times)}


def _reveal(revealer: runtime.Revealer, container: Path, work: Path) -> dict[str, float]:
    pictures: list[Picture] = []
    revealed = work / "revealed.png"
    times = [milliseconds(lambda: pictures.append(read_picture(container)))]
    times.append(milliseconds(lambda: pictures.append(revealer.reveal(pictures[0]))))
    times.append(milliseconds(lambda: write_picture(revealed, pictures[1], overwrite=True)))
    # Resizing to the secret's own size is within reveal.
    return {**dict(zip(("decode", "network", "encode"), times, strict=True)), "all": sum(times)}


def _whole_hide(model: str, device: str, files: list[Path], work: Path) -> None:
    """What `hide_folder` does with the same covers, several at a time, one secret for all."""
    for file in files:
        link = work / "covers" / file.name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(file.resolve())
    for result in runtime.hide_folder(
        work / "covers", files[0], work / "containers", model=model, device=device
    ):
        if result.error:
            raise result.error


def _whole_reveal(model: str, device: str, _: list[Path], work: Path) -> None:
    for result in runtime.reveal_folder(
        work / "containers", work / "revealed", model=model, device=device
    ):
        if result.error:
            raise result.error


_whole = {"hide": _whole_hide, "reveal": _whole_reveal}
