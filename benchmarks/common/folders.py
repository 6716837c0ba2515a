"""Folders of files: their results, and how long they take beside the same work without a model."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, TypeVar, cast

import runtime
from runtime.batch.folders import run_hide, run_reveal
from runtime.batch.options import BatchOptions
from runtime.batch.plan import HideJob, RevealJob
from runtime.images.decode import decode
from runtime.images.formats import LOSSLESS
from runtime.images.image import Image, Picture
from runtime.schemes import Container, Revealed

_Result = TypeVar("_Result", bound=runtime.HideResult | runtime.RevealResult)

STAGES = ("decode", "network", "encode")

Loop = Callable[[], Iterable[runtime.HideResult | runtime.RevealResult]]
"""Works through a folder once, as results are consumed."""

ALONE = " without model"
"""Follows the name of a loop in that of the same loop without a model."""


def all_done(results: Iterable[_Result]) -> Iterator[_Result]:
    """The results of a folder; raises the error of the first that failed."""
    for result in results:
        if result.error:
            raise result.error
        yield result


@dataclass(frozen=True)
class Pass:
    """One pass over a folder.

    Attributes:
        wall: Seconds from the first job to the last result.
        processor: Processor seconds of all threads together.
        stages: Seconds of each stage, summed over the pictures.
    """

    wall: float
    processor: float
    stages: dict[str, float]


class _Prepared:
    """Replaces hider and revealer: returns at once what they returned before.

    What is left of a run over a folder is decoding, encoding and writing. A secret's own file is
    decoded, too.
    """

    model = "none"
    survives_loss = False
    options: ClassVar[Mapping[str, Any]] = {}

    def __init__(self) -> None:
        self.containers: dict[bytes, Container] = {}
        self.revealed: dict[bytes, Revealed] = {}

    def check_passphrase(self, passphrase: object) -> None:
        """Accepts any."""

    def hide_images(self, cover: Image, secret: Image, passphrase: object) -> Container:
        """The container, hidden beforehand."""
        del secret, passphrase
        return self.containers[_key(cover.pixels)]

    def recover_image(self, container: Image, passphrase: object) -> Revealed:
        """The secret, revealed beforehand."""
        del passphrase
        revealed = self.revealed[_key(container.pixels)]
        if revealed.file is not None:
            decode(revealed.file)
        return revealed


def _key(picture: Picture) -> bytes:
    """A few rows of a picture, which tell it from others."""
    return picture[:: max(1, len(picture) // 4)].tobytes()


def loops_of(
    hider: runtime.Hider,
    revealer: runtime.Revealer,
    hides: tuple[HideJob, ...],
    reveals: tuple[RevealJob, ...],
) -> tuple[dict[str, Loop], float]:
    """Hides and reveals a folder, and decodes and encodes the same files alone.

    Args:
        hider: Hides.
        revealer: Reveals.
        hides: What is hidden; their containers exist.
        reveals: What is revealed: those containers.

    Returns:
        The loops `hide`, `reveal`, and each of them without a model; and the megapixels of all
        containers.
    """
    prepared, batch = _Prepared(), BatchOptions(overwrite=True)
    for job in hides:
        pixels = runtime.read_picture(job.container)
        prepared.containers[_key(runtime.read_picture(job.cover))] = Container(pixels, LOSSLESS)
        prepared.revealed[_key(pixels)] = revealer.recover(pixels)
    idle_hider = cast("runtime.Hider", prepared)
    idle_revealer = cast("runtime.Revealer", prepared)
    loops: dict[str, Loop] = {
        "hide": lambda: run_hide(hider, hides, batch, None),
        f"hide{ALONE}": lambda: run_hide(idle_hider, hides, batch, None),
        "reveal": lambda: run_reveal(revealer, reveals, batch, None),
        f"reveal{ALONE}": lambda: run_reveal(idle_revealer, reveals, batch, None),
    }
    pixels_of_all = sum(container.pixels.size // 3 for container in prepared.containers.values())
    return loops, pixels_of_all / 1e6


def run_once(loop: Loop) -> Pass:
    """Works through a folder once, from the first job to the last result."""
    os.sync()
    start, used = time.perf_counter(), time.process_time()
    stages = dict.fromkeys(STAGES, 0.0)
    for result in loop():
        if result.error is not None:
            raise result.error
        for stage in STAGES:
            stages[stage] += getattr(result.seconds, stage)
    return Pass(time.perf_counter() - start, time.process_time() - used, stages)


def run_in_turn(loops: Mapping[str, Loop], rounds: int) -> dict[str, list[Pass]]:
    """Passes of all loops in turn, so that other work on the machine affects all equally."""
    passes: dict[str, list[Pass]] = {name: [] for name in loops}
    for _ in range(rounds):
        for name, loop in loops.items():
            passes[name].append(run_once(loop))
    return passes


def summary(passes: list[Pass], megapixels: float) -> dict[str, Any]:
    """Medians over the passes, for a result file; `megapixels` are those of one pass."""
    wall = statistics.median(taken.wall for taken in passes)
    return {
        "seconds": round(wall, 2),
        "megapixels_per_second": round(megapixels / wall, 2),
        "processor_seconds": round(statistics.median(t.processor for t in passes), 2),
        "stage_seconds": {
            stage: round(statistics.median(t.stages[stage] for t in passes), 2) for stage in STAGES
        },
    }


def speeds(passes: Mapping[str, list[Pass]], what: str = "wall") -> dict[str, float]:
    """How fast hide and reveal are, relative to the same loops without a model.

    The median ratio over the rounds: the passes of one round ran under similar conditions.

    Args:
        passes: Of the loops of `loops_of`.
        what: `wall` or `processor`.
    """
    return {
        name: round(
            statistics.median(
                getattr(idle, what) / getattr(taken, what)
                for taken, idle in zip(passes[name], passes[f"{name}{ALONE}"], strict=True)
            ),
            3,
        )
        for name in ("hide", "reveal")
    }


def every_pass(passes: Mapping[str, list[Pass]]) -> dict[str, list[dict[str, Any]]]:
    """All passes, for a result file."""
    return {name: [asdict(taken) for taken in of_loop] for name, of_loop in passes.items()}
