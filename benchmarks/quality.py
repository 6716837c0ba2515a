"""How well covers and secrets survive, through files: our models beside what one can do by hand."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import skimage.data
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from tqdm import tqdm

import runtime
from benchmarks.baselines import Baseline, baselines
from benchmarks.provenance import provenance
from runtime._io import EXTENSIONS
from runtime._models import load_model
from runtime._pictures import Picture, resize_to

_BUNDLED = ("astronaut", "chelsea", "coffee", "rocket")


@dataclass(frozen=True)
class Row:
    """One way of hiding, over all pairs. PSNR in dB over RGB; SSIM over RGB, 0 .. 1.

    Attributes:
        name: Of the model or baseline.
        bits: Payload in bits a sample; None where there is no such thing.
        cover_psnr: Mean over the pairs.
        cover_psnr_worst: Of the worst pair.
        cover_ssim: Mean.
        revealed_psnr: Mean.
        revealed_psnr_worst: Of the worst pair.
        revealed_ssim: Mean.
        worst_secret: File name of the secret that came back worst.
    """

    name: str
    bits: int | None
    cover_psnr: float
    cover_psnr_worst: float
    cover_ssim: float
    revealed_psnr: float
    revealed_psnr_worst: float
    revealed_ssim: float
    worst_secret: str


@dataclass(frozen=True)
class Pair:
    """A cover and its secret."""

    cover: Path
    secret: Path


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks quality", description=__doc__)
    parser.add_argument(
        "photographs",
        type=Path,
        nargs="?",
        metavar="DIR",
        help="folder of photographs (default: four that scikit-image carries)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there")
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder)
            files = _files(options.photographs, work)
            rows = list(measure(pairs_of(files), work))
        print(markdown(rows))
        if options.json:
            result = {
                "benchmark": "quality",
                "photographs": options.photographs.name if options.photographs else "scikit-image",
                "pairs": len(files),
                **provenance(*(load_model(name) for name in ("clear", "classic"))),
                "rows": [asdict(row) for row in rows],
            }
            options.json.parent.mkdir(parents=True, exist_ok=True)
            options.json.write_text(json.dumps(result, indent=2) + "\n")
            print(f"written to {options.json}", file=sys.stderr)
    except (runtime.PlainsightError, OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; nothing was written", file=sys.stderr)
        return 130
    return 0


def _files(folder: Path | None, work: Path) -> list[Path]:
    if folder is None:
        for name in _BUNDLED:
            runtime.write_picture(work / "bundled" / f"{name}.png", getattr(skimage.data, name)())
        folder = work / "bundled"
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in EXTENSIONS and p.is_file())
    if len(files) < 2:
        raise ValueError(f"{folder} has {len(files)} photographs; 2 are needed at least")
    return files


def pairs_of(files: list[Path]) -> list[Pair]:
    """Each photograph once as cover, once as secret; of one size where there are two of a size."""
    by_size = defaultdict(list)
    for file in files:
        by_size[runtime.read_picture(file).shape].append(file)
    # Photographs alone in their size share a group: their secrets are resized.
    groups = [group for group in by_size.values() if len(group) > 1]
    alone = [group[0] for group in by_size.values() if len(group) == 1]
    if len(alone) == 1 and groups:
        groups[0] += alone
    elif alone:
        groups.append(alone)
    return [
        Pair(cover, secret)
        for group in groups
        for cover, secret in zip(group, group[1:] + group[:1], strict=True)
    ]


def measure(pairs: list[Pair], work: Path) -> Iterable[Row]:
    """Measures `clear` at each payload, `classic`, and the baselines, each through PNG files."""
    ways: list[tuple[str, int | None] | Baseline] = [
        *(("clear", bits) for bits in (1, 2, 3)),
        ("classic", None),
        *baselines(),
    ]
    for number, way in enumerate(tqdm(ways, unit="way", disable=None, leave=False)):
        folder = work / str(number)
        if isinstance(way, Baseline):
            made = _by_hand(way, pairs, folder)
            yield _row(way.name, way.bits, pairs, made)
        else:
            made = _by_model(way[0], way[1], pairs, folder)
            yield _row(way[0], way[1], pairs, made)


def _by_model(
    model: str, bits: int | None, pairs: list[Pair], work: Path
) -> list[tuple[Path, Path]]:
    """Hides and reveals as the commands do; returns container and revealed file of each pair."""
    for index, pair in enumerate(pairs):
        for part, file in (("covers", pair.cover), ("secrets", pair.secret)):
            link = work / part / f"{index:05}{file.suffix}"
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(file.resolve())
    folders = work / "containers", work / "revealed"
    hidden = runtime.hide_folder(
        work / "covers", work / "secrets", folders[0], model=model, bits=bits
    )
    for result in hidden:
        if result.error:
            raise result.error
    for revealed in runtime.reveal_folder(folders[0], folders[1], model=model):
        if revealed.error:
            raise revealed.error
    names = [f"{index:05}.png" for index in range(len(pairs))]
    return [(folders[0] / name, folders[1] / name) for name in names]


def _by_hand(baseline: Baseline, pairs: list[Pair], work: Path) -> list[tuple[Path, Path]]:
    made = []
    for index, pair in enumerate(pairs):
        cover = runtime.read_picture(pair.cover)
        secret = resize_to(runtime.read_picture(pair.secret), *cover.shape[:2])
        container, revealed = baseline.run(cover, secret)
        paths = work / f"{index:05}-container.png", work / f"{index:05}-revealed.png"
        runtime.write_picture(paths[0], container)
        runtime.write_picture(paths[1], revealed)
        made.append(paths)
    return made


def _row(name: str, bits: int | None, pairs: list[Pair], made: list[tuple[Path, Path]]) -> Row:
    found: dict[str, list[float]] = defaultdict(list)
    for pair, (container, revealed) in zip(pairs, made, strict=True):
        back = runtime.read_picture(revealed)
        secret = resize_to(runtime.read_picture(pair.secret), *back.shape[:2])
        _compare(found, "cover", runtime.read_picture(pair.cover), runtime.read_picture(container))
        _compare(found, "revealed", secret, back)
    worst = int(np.argmin(found["revealed_psnr"]))
    return Row(
        name,
        bits,
        cover_psnr=float(np.mean(found["cover_psnr"])),
        cover_psnr_worst=float(np.min(found["cover_psnr"])),
        cover_ssim=float(np.mean(found["cover_ssim"])),
        revealed_psnr=float(np.mean(found["revealed_psnr"])),
        revealed_psnr_worst=found["revealed_psnr"][worst],
        revealed_ssim=float(np.mean(found["revealed_ssim"])),
        worst_secret=pairs[worst].secret.name,
    )


def _compare(found: dict[str, list[float]], what: str, picture: Picture, estimate: Picture) -> None:
    # Equal pictures have no PSNR; one sample in a million off by one level stands for it.
    with np.errstate(divide="ignore"):
        psnr = min(float(peak_signal_noise_ratio(picture, estimate)), 108.0)
    found[f"{what}_psnr"].append(psnr)
    ssim = structural_similarity(picture, estimate, channel_axis=2)
    found[f"{what}_ssim"].append(float(ssim))


def markdown(rows: list[Row] | list[dict[str, Any]]) -> str:
    """The rows as a table in Markdown, by payload."""
    values = [row if isinstance(row, dict) else asdict(row) for row in rows]
    lines = [
        "| | bits a sample | cover, dB | worst | revealed, dB | worst | SSIM: cover, revealed |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in sorted(values, key=lambda row: (row["bits"] or 9, row["name"] != "clear")):
        name = f"**{row['name']}**" if row["name"] == "clear" else row["name"]
        lines.append(
            f"| {name} | {row['bits'] or '-'} | {row['cover_psnr']:.2f} | "
            f"{row['cover_psnr_worst']:.2f} | {row['revealed_psnr']:.2f} | "
            f"{row['revealed_psnr_worst']:.2f} | {row['cover_ssim']:.4f}, "
            f"{row['revealed_ssim']:.4f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
