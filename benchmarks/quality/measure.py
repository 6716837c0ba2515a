"""Measures models and baselines on the same pairs, each through files."""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import imagecodecs
import numpy as np
import PIL
from tqdm import tqdm

import runtime
from benchmarks.common import lsb
from benchmarks.common.configurations import Configuration
from benchmarks.common.folders import all_done
from benchmarks.common.metrics import compare, psnr
from benchmarks.common.photographs import shown
from benchmarks.common.store import Store, files_digest, model_digest, sources_digest
from benchmarks.quality import baselines, codecs, rows
from benchmarks.quality.baselines import Secret, all_baselines
from benchmarks.quality.cases import LARGE, CasePair
from benchmarks.quality.rows import CODE_ONLY, NOTHING, Figures, Row, row_of
from runtime import read_picture, write_picture
from runtime.engine.cores import cores
from runtime.images.image import Picture
from runtime.images.resize import resize_to


@dataclass(frozen=True)
class Group:
    """Pairs that make rows of their own.

    Attributes:
        name: In the result file.
        pairs: The pairs.
        bits: Payloads that are measured, in bits per sample.
        all_methods: Whether models without payloads, and slow baselines, are measured too.
    """

    name: str
    pairs: list[CasePair]
    bits: tuple[int, ...] = (1, 2, 3)
    all_methods: bool = True


def measure(
    configurations: list[Configuration], group: Group, work: Path, store: Store
) -> dict[str, Any]:
    """Measures the models, then the baselines.

    Args:
        configurations: Models with their options.
        group: The pairs.
        work: A folder for temporary files.
        store: Keeps the figures of each configuration and of each baseline's method.

    Returns:
        The group in the result file.
    """
    return {
        "name": group.name,
        "pairs": [_described(pair) for pair in group.pairs],
        "rows": [asdict(row) for row in _rows(configurations, group, work, store)],
    }


def _described(pair: CasePair) -> dict[str, Any]:
    cover, secret = (shown(file).shape[:2] for file in (pair.cover, pair.secret))
    return {
        "case": pair.case,
        "cover": pair.cover_name,
        "secret": pair.secret_name,
        "cover_size": list(cover),
        "secret_size": list(secret),
        "secret_bytes": pair.secret.stat().st_size,
    }


def _rows(
    configurations: list[Configuration], group: Group, work: Path, store: Store
) -> Iterator[Row]:
    photographs = files_digest(file for pair in group.pairs for file in (pair.cover, pair.secret))
    variants = [*_variants(configurations, group)]
    methods: dict[str, list[int]] = defaultdict(list)
    for index, baseline in enumerate(all_baselines()):
        if baseline.bits in group.bits and (group.all_methods or not baseline.slow):
            methods[baseline.method].append(index)
    with (
        ProcessPoolExecutor(cores(), get_context("spawn")) as pool,
        tqdm(total=len(variants) + len(methods), disable=None, leave=False) as bar,
    ):
        bar.set_description(group.name)
        for number, (configuration, variant) in enumerate(variants):
            options = dict(configuration.options)
            each = store.get(
                ["quality", options, model_digest(configuration.model), _sources(), photographs],
                partial(_by_model, configuration, group.pairs, work / f"{number:03}", pool),
            )
            bar.update()
            figures = [Figures(**of_pair) for of_pair in each]
            yield row_of(configuration.model, variant, configuration.bits, True, figures)
        for method, indices in methods.items():
            each = store.get(
                ["quality", method, _baselines_digest(), indices, photographs],
                partial(_by_baselines, indices, group.pairs, work, pool),
            )
            bar.update()
            for position, index in enumerate(indices):
                figures = [Figures(**of_pair[position]) for of_pair in each]
                yield row_of(method, None, all_baselines()[index].bits, False, figures)


def _variants(
    configurations: list[Configuration], group: Group
) -> Iterator[tuple[Configuration, str | None]]:
    """The configurations to measure, and those that can, once more with their code only."""
    for configuration in configurations:
        if configuration.bits in group.bits or (configuration.bits is None and group.all_methods):
            yield configuration, None
            code_only = configuration.code_only()
            if code_only is not None:
                yield code_only, CODE_ONLY


def _sources() -> str:
    return sources_digest(sys.modules[__name__], rows)


def _baselines_digest() -> str:
    versions = f"{PIL.__version__} {imagecodecs.__version__}"
    return f"{versions} {sources_digest(baselines, codecs, lsb)} {_sources()}"


def _by_model(
    configuration: Configuration, pairs: list[CasePair], work: Path, pool: ProcessPoolExecutor
) -> list[dict[str, Any]]:
    """Hides and reveals as the commands do; returns the figures of each pair."""
    for index, pair in enumerate(pairs):
        for folder, file in (("covers", pair.cover), ("secrets", pair.secret)):
            link = work / folder / f"{index:05}{file.suffix}"
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(file.resolve())
    model = configuration.model
    hidden = [
        *all_done(
            runtime.hide_folder(
                work / "covers",
                work / "secrets",
                work / "containers",
                model=model,
                **configuration.options,
            )
        )
    ]
    revealed = [
        *all_done(runtime.reveal_folder(work / "containers", work / "revealed", model=model))
    ]
    return list(
        pool.map(
            _figures_of_files,
            pairs,
            [result.container for result in hidden],
            [result.revealed for result in revealed],
            [_reduced(result) for result in hidden],
        )
    )


def _reduced(result: runtime.HideResult) -> float | None:
    """The share of the secret's pixels that were coded; None if all were, or are carried."""
    payload = result.payload
    if payload is None or payload.coded_size is None:
        return None
    height, width, _ = shown(result.secret).shape
    return float(round(np.prod(payload.coded_size) / (height * width), 4))


def _by_baselines(
    indices: list[int], pairs: list[CasePair], work: Path, pool: ProcessPoolExecutor
) -> list[list[dict[str, Any]]]:
    """The figures of each pair by each of these baselines."""
    return list(pool.map(partial(_by_baselines_of_pair, indices, work), pairs))


def _by_baselines_of_pair(indices: list[int], work: Path, pair: CasePair) -> list[dict[str, Any]]:
    cv2.setNumThreads(1)
    cover, secret = read_picture(pair.cover), Secret(shown(pair.secret), pair.secret.read_bytes())
    figures = []
    work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=work) as folder:
        container, revealed = (Path(folder) / f"{name}.png" for name in ("container", "revealed"))
        for index in indices:
            hidden = all_baselines()[index].run(cover, secret)
            if hidden is None:
                figures.append(asdict(NOTHING))
                continue
            for path, picture in zip((container, revealed), hidden, strict=True):
                write_picture(path, picture, overwrite=True)
            figures.append(_figures_of_files(pair, container, revealed))
    return figures


def _figures_of_files(
    pair: CasePair, container: Path, revealed: Path, reduced: float | None = None
) -> dict[str, Any]:
    """Compares a container with its cover, and what is revealed with the secret at its own size."""
    cv2.setNumThreads(1)
    cover, secret = read_picture(pair.cover), shown(pair.secret)
    back = shown(revealed)
    exact = np.array_equal(secret, back)
    # A model may reveal at its cover's size.
    back = resize_to(back, *secret.shape[:2])
    cover_psnr, cover_ssim = _compare(cover, read_picture(container))
    if exact:
        return asdict(Figures(True, cover_psnr, cover_ssim, None, 1.0, reduced))
    return asdict(Figures(False, cover_psnr, cover_ssim, *_compare(secret, back), reduced))


def _compare(picture: Picture, estimate: Picture) -> tuple[float, float | None]:
    """PSNR and SSIM; no SSIM of large pictures, which would take long."""
    if picture.shape[0] * picture.shape[1] >= LARGE:
        return psnr(picture, estimate), None
    return compare(picture, estimate)
