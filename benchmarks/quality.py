"""How well covers and secrets survive, through files: our models beside what one can do by hand."""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from tqdm import tqdm

import runtime
from benchmarks.baselines import baselines, lossless_bytes
from benchmarks.command import guarded, write_json
from benchmarks.photographs import Pair, find_photographs, pairs_of
from benchmarks.provenance import cores, provenance
from benchmarks.store import Store, files_digest, model_digest
from benchmarks.ways import Way, ways_of
from runtime import read_picture, write_picture
from runtime._pictures import Picture, resize_to

MOST_PSNR = 108.0
"""Stands for equal pictures, which have no PSNR: about one sample in a million off by a level."""


@dataclass(frozen=True)
class Row:
    """One way of hiding, over all pairs. PSNR in dB over RGB; SSIM over RGB, 0 .. 1.

    Attributes:
        name: Of the model or baseline.
        bits: Payload in bits a sample; None where there is no such thing.
        ours: Whether it is a model.
        cover_psnr: Mean over the pairs.
        cover_psnr_worst: Of the worst pair.
        cover_ssim: Mean.
        revealed_psnr: Mean.
        revealed_psnr_worst: Of the worst pair.
        revealed_ssim: Mean.
        worst_secret: File name of the secret that came back worst.
        each: The four figures of each pair, in the pairs' order.
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


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    options = _parser().parse_args(arguments)
    return guarded(lambda: _run(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks quality", description=__doc__)
    parser.add_argument(
        "photographs",
        type=Path,
        nargs="?",
        metavar="DIR",
        help="folder of photographs (default: four that scikit-image carries)",
    )
    parser.add_argument("--model", nargs="+", help="names or folders (all that are shipped)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw the frontier there")
    parser.add_argument("--work", type=Path, metavar="DIR", help="keep finished parts there")
    parser.add_argument("--quick", action="store_true", help="four pairs only")
    return parser


def _run(options: argparse.Namespace) -> int:
    ways = ways_of(options.model)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        pairs = pairs_of(find_photographs(options.photographs, work))
        pairs = pairs[:4] if options.quick else pairs
        rows = list(measure(ways, pairs, work, Store(options.work)))
        lossless = Store(options.work).get(
            ["lossless", _digest(pairs)], lambda: _lossless_fits(pairs)
        )
    result = {
        "benchmark": "quality",
        "photographs": options.photographs.name if options.photographs else "scikit-image",
        "pairs": len(pairs),
        "covers": [pair.cover.name for pair in pairs],
        "secrets": [pair.secret.name for pair in pairs],
        **provenance(*dict.fromkeys(way.model for way in ways)),
        "lossless_webp_fits": lossless,
        "rows": [asdict(row) for row in rows],
    }
    print(markdown(result["rows"]))
    write_json(options.json, result)
    if options.plot:
        from benchmarks.frontier import draw

        draw(result, options.plot)
    return 0


def measure(ways: list[Way], pairs: list[Pair], work: Path, store: Store) -> Iterable[Row]:
    """Measures the models and the baselines, each through PNG files."""
    photographs = _digest(pairs)
    kinds: dict[str, list[int]] = defaultdict(list)
    for index, baseline in enumerate(baselines()):
        kinds[baseline.name.split()[0]].append(index)
    with (
        ProcessPoolExecutor(cores(), get_context("spawn")) as pool,
        tqdm(total=len(ways) + len(kinds), unit="way", disable=None, leave=False) as bar,
    ):
        for number, way in enumerate(ways):
            each = store.get(
                ["quality", way.bits, model_digest(way.model), photographs],
                lambda w=way, n=number: _by_model(w, pairs, work / str(n), pool),
            )
            bar.update()
            yield _row(way.model, way.bits, True, pairs, each)
        for kind, indices in kinds.items():
            found = store.get(
                ["quality", kind, _by_hand_digest(), photographs],
                lambda i=indices: list(
                    pool.map(_by_hand, pairs, [i] * len(pairs), [work] * len(pairs))
                ),
            )
            bar.update()
            for position, index in enumerate(indices):
                made = [of_pair[position] for of_pair in found]
                baseline = baselines()[index]
                yield _row(baseline.name, baseline.bits, False, pairs, made)


def _digest(pairs: list[Pair]) -> str:
    return files_digest(file for pair in pairs for file in (pair.cover, pair.secret))


def _by_hand_digest() -> str:
    import PIL

    return f"{PIL.__version__} {files_digest([Path(__file__).with_name('baselines.py')])}"


def _by_model(
    way: Way, pairs: list[Pair], work: Path, pool: ProcessPoolExecutor
) -> list[list[float]]:
    """Hides and reveals as the commands do; returns the figures of each pair."""
    for index, pair in enumerate(pairs):
        for part, file in (("covers", pair.cover), ("secrets", pair.secret)):
            link = work / part / f"{index:05}{file.suffix}"
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(file.resolve())
    containers, secrets = [], []
    for hidden in runtime.hide_folder(
        *(work / "covers", work / "secrets", work / "containers"), model=way.model, bits=way.bits
    ):
        if hidden.error:
            raise hidden.error
        containers.append(hidden.container)
    for revealed in runtime.reveal_folder(work / "containers", work / "revealed", model=way.model):
        if revealed.error:
            raise revealed.error
        secrets.append(revealed.revealed)
    return list(pool.map(_compare_files, pairs, containers, secrets))


def _by_hand(pair: Pair, indices: list[int], work: Path) -> list[list[float]]:
    """Figures of one pair by the baselines of these indices."""
    cv2.setNumThreads(1)
    cover = read_picture(pair.cover)
    secret = resize_to(read_picture(pair.secret), *cover.shape[:2])
    found = []
    with tempfile.TemporaryDirectory(dir=work) as folder:
        paths = Path(folder) / "container.png", Path(folder) / "revealed.png"
        for index in indices:
            for path, picture in zip(paths, baselines()[index].run(cover, secret), strict=True):
                write_picture(path, picture, overwrite=True)
            found.append(_compare_files(pair, *paths))
    return found


def _compare_files(pair: Pair, container: Path, revealed: Path) -> list[float]:
    """Cover PSNR and SSIM, revealed PSNR and SSIM."""
    cv2.setNumThreads(1)
    back = read_picture(revealed)
    secret = resize_to(read_picture(pair.secret), *back.shape[:2])
    return [*compare(read_picture(pair.cover), read_picture(container)), *compare(secret, back)]


def compare(picture: Picture, estimate: Picture) -> tuple[float, float]:
    """PSNR in dB and SSIM, both over RGB."""
    ssim = structural_similarity(picture, estimate, channel_axis=2)
    return psnr(picture, estimate), round(float(ssim), 5)


def psnr(picture: Picture, estimate: Picture) -> float:
    """PSNR in dB over RGB; 108 for equal pictures."""
    with np.errstate(divide="ignore"):
        return round(min(float(peak_signal_noise_ratio(picture, estimate)), MOST_PSNR), 3)


def _lossless_fits(pairs: list[Pair]) -> dict[str, int]:
    """How many secrets fit as lossless WebP, by bits a sample."""
    fits = dict.fromkeys("123", 0)
    for pair in pairs:
        size = read_picture(pair.cover).shape
        needed = lossless_bytes(resize_to(read_picture(pair.secret), *size[:2]))
        for bits in fits:
            fits[bits] += needed <= int(np.prod(size)) * int(bits) // 8
    return fits


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


def markdown(rows: list[dict[str, Any]]) -> str:
    """The rows as a table in Markdown, by payload."""
    lines = [
        "| | bits a sample | cover, dB | worst | revealed, dB | worst | SSIM: cover, revealed |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in sorted(rows, key=lambda row: (row["bits"] or 9, not row["ours"])):
        name = f"**{row['name']}**" if row["ours"] and row["bits"] else row["name"]
        lines.append(
            f"| {name} | {row['bits'] or '-'} | {row['cover_psnr']:.2f} | "
            f"{row['cover_psnr_worst']:.2f} | {row['revealed_psnr']:.2f} | "
            f"{row['revealed_psnr_worst']:.2f} | {row['cover_ssim']:.4f}, "
            f"{row['revealed_ssim']:.4f} |"
        )
    return "\n".join(lines)
