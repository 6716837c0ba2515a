"""How fast folders of exact secrets are, beside decoding and encoding the same files alone."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import PIL.Image

import runtime
from benchmarks.common.folders import every_pass, loops_of, run_in_turn, speeds, summary
from benchmarks.exact.count import cover_for
from runtime.batch.folders import run_hide, threads_each
from runtime.batch.options import BatchOptions
from runtime.batch.plan import plan_hide, plan_reveal
from runtime.engine.cores import cores

_QUALITY = 92


def measure(files: Sequence[Path], bits: int, rounds: int, work: Path) -> dict[str, Any]:
    """Times folder runs of JPEG secrets in JPEG covers of as many pixels, with and without a model.

    Args:
        files: JPEG files; those that are not carried exactly are left out.
        bits: Most bits per sample.
        rounds: Passes of each loop.
        work: A folder for temporary files.

    Raises:
        ValueError: None is carried exactly.
    """
    _make_folders(files, work)
    threads = threads_each(None, len(files))
    hider, revealer = runtime.Hider(bits=bits, threads=threads), runtime.Revealer(threads=threads)
    jobs = plan_hide(work / "covers", work / "secrets", work / "containers").jobs
    hides = []
    for job, result in zip(jobs, run_hide(hider, jobs, BatchOptions(), None), strict=True):
        if result.payload is not None and result.payload.kind == "file":
            hides.append(job)
        else:
            job.container.unlink(missing_ok=True)
    if not hides:
        raise ValueError("none of the photographs is carried as its file, so none is timed")
    reveals = plan_reveal(work / "containers", work / "revealed").jobs
    loops, megapixels = loops_of(hider, revealer, tuple(hides), reveals)
    # Once, so that no loop is the first to read a file.
    run_in_turn(loops, 1)
    passes = run_in_turn(loops, rounds)
    return {
        "pictures": len(hides),
        "left_out": len(jobs) - len(hides),
        "megapixels": round(megapixels, 2),
        "bits": bits,
        "cores": cores(),
        "threads_each": threads,
        "rounds": rounds,
        "loops": {name: summary(taken, megapixels) for name, taken in passes.items()},
        "speed_against_no_model": speeds(passes),
        "every_pass": every_pass(passes),
    }


def _make_folders(files: Sequence[Path], work: Path) -> None:
    """Writes the secrets, byte for byte, and their covers, as JPEG files with the same names."""
    for number, secret in enumerate(files):
        covers, secrets = work / "covers", work / "secrets"
        covers.mkdir(parents=True, exist_ok=True)
        secrets.mkdir(exist_ok=True)
        name = f"{number:04}.jpg"
        shutil.copyfile(secret, secrets / name)
        cover = cover_for(secret, files[(number + 1) % len(files)])
        PIL.Image.fromarray(cover).save(covers / name, quality=_QUALITY)
