"""Training examples of the restoring network, saved as AVIF once and cached in a folder."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from training.batches import enlarge_to
from training.files import atomic_file, write_atomically
from training.photographs import PhotographCache

SIDE = 256
"""Side of an example in pixels; batches have crops of them."""
QUALITIES = (0, 55)
"""Of the AVIF encoder: about 0.05 to 0.9 bits per pixel of photographs."""
_SPEED = 6

Batch = dict[str, NDArray[Any]]
Pictures = NDArray[np.uint8]


@dataclass(frozen=True)
class DatasetSpec:
    """Everything that a dataset follows from.

    Attributes:
        photographs: Names of the photographs.
        saves: How often each photograph is saved, each time a part of it at a quality.
        seed: Seed of parts and qualities.
    """

    photographs: tuple[str, ...]
    saves: int
    seed: int


@dataclass(frozen=True)
class Dataset:
    """Examples: originals, what AVIF made of them, and its quality.

    Attributes:
        secret: uint8 (examples, 256, 256, 3).
        coded: uint8, like `secret`.
        quality: float32 (examples,).
        crop: Side of crops in pixels, even.
        batch: Examples per batch.
        seed: Seed of the choice of examples and crops.
    """

    secret: Pictures
    coded: Pictures
    quality: NDArray[np.float32]
    crop: int
    batch: int
    seed: int

    def make(self, step: int) -> Batch:
        """Batch number `step`: `secret`, `coded` and `quality`; flipped at random."""
        random = np.random.default_rng([self.seed, step])
        chosen = random.choice(len(self.quality), self.batch)
        pairs = [self._crop(int(example), random) for example in chosen]
        secret, coded = (np.stack([pair[side] for pair in pairs]) for side in (0, 1))
        quality = self.quality[chosen].reshape(-1, 1, 1, 1)
        return {"coded": coded, "secret": secret, "quality": quality}

    def _crop(self, example: int, random: np.random.Generator) -> tuple[Pictures, Pictures]:
        top, left = random.integers(0, SIDE - self.crop + 1, 2)
        along, down = (int(random.choice((-1, 1))) for _ in range(2))
        part = slice(top, top + self.crop), slice(left, left + self.crop)
        both = self.secret[example], self.coded[example]
        secret, coded = (whole[part][::down, ::along] for whole in both)
        return secret, coded


def saved(picture: Pictures, quality: int) -> Pictures:
    """A picture, uint8 (height, width, 3), RGB, as it comes back from an AVIF file.

    The encoder's settings are those of `runtime.payloads.avif`.
    """
    file = io.BytesIO()
    Image.fromarray(picture).save(
        file,
        "AVIF",
        quality=quality,
        speed=_SPEED,
        codec="aom",
        subsampling="4:4:4",
        max_threads=1,
        advanced={"tune": "psnr"},
    )
    back = cv2.imdecode(np.frombuffer(file.getvalue(), np.uint8), cv2.IMREAD_COLOR_RGB)
    assert back is not None, "it was just encoded"
    return np.asarray(back, np.uint8)


def open_dataset(
    folder: Path,
    spec: DatasetSpec,
    files: tuple[Path, ...],
    cache: PhotographCache,
    crop: int,
    batch: int,
    workers: int = 2,
) -> Dataset:
    """Opens the dataset cached in a folder; if it is missing or another one, makes it first.

    Raises:
        ValueError: None of the photographs can be read.
    """
    description = json.dumps(asdict(spec), indent=2) + "\n"
    known = folder / "dataset.json"
    if not (known.is_file() and known.read_text() == description):
        known.unlink(missing_ok=True)
        _make(folder, spec, files, cache, workers)
        write_atomically(known, description.encode())
    quality = np.fromfile(folder / "quality.bin", np.float32)
    shape = (len(quality), SIDE, SIDE, 3)
    secret, coded = (
        np.memmap(folder / f"{name}.bin", np.uint8, "r", shape=shape)
        for name in ("secret", "coded")
    )
    return Dataset(secret, coded, quality, crop, batch, spec.seed)


def _make(
    folder: Path,
    spec: DatasetSpec,
    files: tuple[Path, ...],
    cache: PhotographCache,
    workers: int,
) -> None:
    def one(job: tuple[int, int]) -> tuple[Pictures, Pictures, np.float32] | None:
        number, index = job
        picture = cache.read(files[index])
        if picture is None:
            return None
        random = np.random.default_rng([spec.seed, number, index])
        picture = enlarge_to(picture, SIDE)
        top, left = (random.integers(side - SIDE + 1) for side in picture.shape[:2])
        secret = np.ascontiguousarray(picture[top : top + SIDE, left : left + SIDE])
        quality = int(random.integers(QUALITIES[0], QUALITIES[1] + 1))
        return secret, saved(secret, quality), np.float32(quality)

    jobs = [(n, i) for n in range(spec.saves) for i in range(len(files))]
    with (
        atomic_file(folder / "secret.bin") as secret_path,
        atomic_file(folder / "coded.bin") as coded_path,
        atomic_file(folder / "quality.bin") as quality_path,
        secret_path.open("wb") as secret_file,
        coded_path.open("wb") as coded_file,
        quality_path.open("wb") as quality_file,
        ThreadPoolExecutor(workers, thread_name_prefix="dataset") as threads,
    ):
        try:
            results = threads.map(one, jobs)
            for example in tqdm(results, "saving examples", len(jobs), unit="photograph"):
                if example is not None:
                    secret, coded, quality = example
                    secret.tofile(secret_file)
                    coded.tofile(coded_file)
                    quality.tofile(quality_file)
        except BaseException:
            threads.shutdown(cancel_futures=True)
            raise
        if not quality_file.tell():
            raise ValueError(f"none of the {len(files)} photographs can be read")
