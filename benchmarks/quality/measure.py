"""Measures models and baselines on the same pairs, each through PNG files."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import PIL
from tqdm import tqdm

import runtime
from benchmarks.common import lsb
from benchmarks.common.configurations import Configuration
from benchmarks.common.metrics import compare
from benchmarks.common.photographs import Pair
from benchmarks.common.store import Store, files_digest, model_digest, sources_digest
from benchmarks.quality import baselines
from benchmarks.quality.baselines import all_baselines, lossless_bytes
from runtime import read_picture, write_picture
from runtime.engine.cores import cores
from runtime.images.resize import resize_to

_Result = TypeVar("_Result", runtime.HideResult, runtime.RevealResult)


@dataclass(frozen=True)
class Row:
    """One configuration or baseline, over all pairs. PSNR in dB and SSIM (at most 1), over RGB.

    The names of the attributes are the keys of the result file.

    Attributes:
        name: Name of the model, or label of the baseline.
        bits: Payload in bits per sample; None if there is no such option.
        ours: Whether it is a model.
        cover_psnr: Mean over the pairs.
        cover_psnr_worst: The worst pair.
        cover_ssim: Mean over the pairs.
        revealed_psnr: Mean over the pairs.
        revealed_psnr_worst: The worst pair.
        revealed_ssim: Mean over the pairs.
        worst_secret: File name of the secret with the lowest PSNR.
        each: The four figures of each pair, in the order of the pairs.
    """

    name: str
    bits: int | None
    ours: bool
    cover_psnr: float
    cover_psnr_worst: float
    cover_ssim: float
    revealed_psnr: float
    revealed_psnr_worst: float
    revealed_ssim: float
    worst_secret: str
    each: dict[str, list[float]]


def measure(
    configurations: list[Configuration], pairs: list[Pair], work: Path, store: Store
) -> Iterator[Row]:
    """Measures the models, then the baselines.

    Args:
        configurations: Models with their options.
        pairs: Covers and secrets; secrets are resized to their covers.
        work: A folder for temporary files.
        store: Keeps the figures of each configuration and of each codec.
    """
    photographs = _digest(pairs)
    codecs: dict[str, list[int]] = defaultdict(list)
    for index, baseline in enumerate(all_baselines()):
        codecs[baseline.label.split()[0]].append(index)
    total = len(configurations) + len(codecs)
    with (
        ProcessPoolExecutor(cores(), get_context("spawn")) as pool,
        tqdm(total=total, unit="configuration", disable=None, leave=False) as bar,
    ):
        for number, configuration in enumerate(configurations):
            each = store.get(
                ["quality", configuration.options, model_digest(configuration.model), photographs],
                partial(_by_model, configuration, pairs, work / str(number), pool),
            )
            bar.update()
            yield _row(configuration.model, configuration.bits, True, pairs, each)
        for codec, indices in codecs.items():
            by_pair = store.get(
                ["quality", codec, _baselines_digest(), photographs],
                partial(_by_baselines, indices, pairs, work, pool),
            )
            bar.update()
            for position, index in enumerate(indices):
                each = [of_pair[position] for of_pair in by_pair]
                baseline = all_baselines()[index]
                yield _row(baseline.label, baseline.bits, False, pairs, each)


def secrets_that_fit(pairs: list[Pair], store: Store) -> dict[str, int]:
    """How many secrets would fit as lossless WebP files, by bits per sample (`1`, `2`, `3`)."""
    fits: dict[str, int] = store.get(["lossless", _digest(pairs)], partial(_count_fitting, pairs))
    return fits


def _count_fitting(pairs: list[Pair]) -> dict[str, int]:
    fits = dict.fromkeys("123", 0)
    for pair in pairs:
        shape = read_picture(pair.cover).shape
        needed = lossless_bytes(resize_to(read_picture(pair.secret), shape[0], shape[1]))
        for bits in fits:
            fits[bits] += needed <= int(np.prod(shape)) * int(bits) // 8
    return fits


def _digest(pairs: list[Pair]) -> str:
    return files_digest(file for pair in pairs for file in (pair.cover, pair.secret))


def _baselines_digest() -> str:
    return f"{PIL.__version__} {sources_digest(baselines, lsb)}"


def _by_model(
    configuration: Configuration, pairs: list[Pair], work: Path, pool: ProcessPoolExecutor
) -> list[list[float]]:
    """Hides and reveals as the commands do; returns the figures of each pair."""
    for index, pair in enumerate(pairs):
        for folder, file in (("covers", pair.cover), ("secrets", pair.secret)):
            link = work / folder / f"{index:05}{file.suffix}"
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(file.resolve())
    model = configuration.model
    hidden = runtime.hide_folder(
        work / "covers",
        work / "secrets",
        work / "containers",
        model=model,
        **configuration.options,
    )
    containers = [result.container for result in _all_done(hidden)]
    revealed = runtime.reveal_folder(work / "containers", work / "revealed", model=model)
    secrets = [result.revealed for result in _all_done(revealed)]
    return list(pool.map(_compare_files, pairs, containers, secrets))


def _all_done(results: Iterable[_Result]) -> Iterator[_Result]:
    """The results of a folder; raises the error of the first that failed."""
    for result in results:
        if result.error:
            raise result.error
        yield result


def _by_baselines(
    indices: list[int], pairs: list[Pair], work: Path, pool: ProcessPoolExecutor
) -> list[list[list[float]]]:
    """The figures of each pair by each of these baselines."""
    return list(pool.map(partial(_by_baselines_of_pair, indices, work), pairs))


def _by_baselines_of_pair(indices: list[int], work: Path, pair: Pair) -> list[list[float]]:
    cv2.setNumThreads(1)
    cover = read_picture(pair.cover)
    secret = resize_to(read_picture(pair.secret), cover.shape[0], cover.shape[1])
    figures = []
    with tempfile.TemporaryDirectory(dir=work) as folder:
        container_file, revealed_file = (
            Path(folder) / "container.png",
            Path(folder) / "revealed.png",
        )
        for index in indices:
            container, revealed = all_baselines()[index].run(cover, secret)
            write_picture(container_file, container, overwrite=True)
            write_picture(revealed_file, revealed, overwrite=True)
            figures.append(_compare_files(pair, container_file, revealed_file))
    return figures


def _compare_files(pair: Pair, container: Path, revealed: Path) -> list[float]:
    """Cover PSNR and SSIM, revealed PSNR and SSIM."""
    cv2.setNumThreads(1)
    back = read_picture(revealed)
    secret = resize_to(read_picture(pair.secret), back.shape[0], back.shape[1])
    return [*compare(read_picture(pair.cover), read_picture(container)), *compare(secret, back)]


def _row(
    name: str, bits: int | None, ours: bool, pairs: list[Pair], each: list[list[float]]
) -> Row:
    cover_psnr, cover_ssim, revealed_psnr, revealed_ssim = np.array(each).T
    worst = int(np.argmin(revealed_psnr))
    return Row(
        name,
        bits,
        ours,
        cover_psnr=float(cover_psnr.mean()),
        cover_psnr_worst=float(cover_psnr.min()),
        cover_ssim=float(cover_ssim.mean()),
        revealed_psnr=float(revealed_psnr.mean()),
        revealed_psnr_worst=float(revealed_psnr[worst]),
        revealed_ssim=float(revealed_ssim.mean()),
        worst_secret=pairs[worst].secret.name,
        each={
            "cover_psnr": cover_psnr.tolist(),
            "cover_ssim": cover_ssim.tolist(),
            "revealed_psnr": revealed_psnr.tolist(),
            "revealed_ssim": revealed_ssim.tolist(),
        },
    )
