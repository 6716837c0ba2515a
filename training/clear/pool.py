"""Training examples of the restoring network, coded once and kept in a folder."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from training.batches import enlarge_to
from training.clear import layout
from training.clear.codec import Codec
from training.clear.decoded import quantised, rung_for
from training.clear.layout import QUAD, Pictures
from training.files import whole_file, write_whole
from training.photographs import PhotographCache

LARGEST_TILE = 512
# Decoded samples are kept as multiples of this; what that adds to their error is far below the
# 8 bits' own.
UNIT = 1.0 / 32.0
PAYLOADS = (0.8, 3.3)
SAMPLED_BLOCKS = 1024

Batch = dict[str, NDArray]


@dataclass(frozen=True)
class Recipe:
    """What a pool follows from.

    Attributes:
        photographs: Names of the photographs.
        tables: SHA-256 of the codec's tables.
        crop: Side of an example in pixels, a multiple of 16.
        passes: How often each photograph is coded, each time at another place and payload.
        seed: Of what is random.
    """

    photographs: tuple[str, ...]
    tables: str
    crop: int
    passes: int
    seed: int

    def __post_init__(self) -> None:
        if self.crop % QUAD or not QUAD <= self.crop <= LARGEST_TILE:
            raise ValueError(f"--crop must be a multiple of {QUAD}, at most 512, got {self.crop}")


@dataclass(frozen=True)
class Pool:
    """Examples: what was, what was decoded of it, and at which step.

    Attributes:
        secret: uint8 (examples, crop, crop, 3).
        decoded: int16, likewise: in units of 1/32 level, neither rounded to 8 bits nor clipped.
        step: float32 (examples,).
        batch: Examples of a batch.
        seed: Of the choice of examples.
    """

    secret: Pictures
    decoded: NDArray[np.int16]
    step: NDArray[np.float32]
    batch: int
    seed: int

    def make(self, step: int) -> Batch:
        """Batch number `step`, which depends on the pool, the seed and the step alone.

        Pictures and their errors are turned over at random: the code treats rows and columns alike.
        """
        random = np.random.default_rng([self.seed, step])
        chosen = np.sort(random.choice(len(self.step), self.batch))
        secret, decoded = self.secret[chosen], self.decoded[chosen]
        if random.random() < 0.5:
            secret, decoded = secret[:, :, ::-1], decoded[:, :, ::-1]
        if random.random() < 0.5:
            secret, decoded = secret[:, ::-1], decoded[:, ::-1]
        if random.random() < 0.5:
            secret, decoded = secret.swapaxes(1, 2), decoded.swapaxes(1, 2)
        return {
            "decoded": decoded.astype(np.float32) * np.float32(UNIT),
            "secret": np.ascontiguousarray(secret),
            "step": self.step[chosen].reshape(-1, 1, 1, 1),
        }


def open_pool(
    folder: Path,
    codec: Codec,
    recipe: Recipe,
    files: tuple[Path, ...],
    cache: PhotographCache,
    batch: int,
    workers: int = 2,
) -> Pool:
    """The pool in a folder; made first, which takes minutes, if it is another or not there."""
    said = json.dumps(asdict(recipe), indent=2) + "\n"
    known = folder / "recipe.json"
    if not (known.is_file() and known.read_text() == said):
        known.unlink(missing_ok=True)
        _make(folder, codec, recipe, files, cache, workers)
        write_whole(known, said.encode())
    step = np.fromfile(folder / "step.bin", np.float32)
    shape = (len(step), recipe.crop, recipe.crop, 3)
    secret = np.memmap(folder / "secret.bin", np.uint8, "r", shape=shape)
    decoded = np.memmap(folder / "decoded.bin", np.int16, "r", shape=shape)
    return Pool(secret, decoded, step, batch, recipe.seed)


def _make(
    folder: Path,
    codec: Codec,
    recipe: Recipe,
    files: tuple[Path, ...],
    cache: PhotographCache,
    workers: int,
) -> None:
    def one(job: tuple[int, int]) -> tuple[Pictures, NDArray[np.int16], np.float32] | None:
        number, index = job
        picture = cache.read(files[index])
        if picture is None:
            return None
        random = np.random.default_rng([recipe.seed, number, index])
        return _example(codec, picture, recipe.crop, random)

    jobs = [(n, i) for n in range(recipe.passes) for i in range(len(files))]
    with (
        whole_file(folder / "secret.bin") as secret_path,
        whole_file(folder / "decoded.bin") as decoded_path,
        whole_file(folder / "step.bin") as step_path,
        secret_path.open("wb") as secret_file,
        decoded_path.open("wb") as decoded_file,
        step_path.open("wb") as step_file,
        ThreadPoolExecutor(workers, thread_name_prefix="pool") as threads,
    ):
        try:
            made = threads.map(one, jobs)
            for example in tqdm(made, "coding examples", len(jobs), unit="photograph"):
                if example is not None:
                    secret, decoded, step = example
                    secret.tofile(secret_file)
                    decoded.tofile(decoded_file)
                    np.full(len(secret), step, np.float32).tofile(step_file)
        except BaseException:
            threads.shutdown(cancel_futures=True)
            raise
        if not step_file.tell():
            raise ValueError(f"none of the {len(files)} photographs can be read")


def _example(
    codec: Codec, picture: Pictures, crop: int, random: np.random.Generator
) -> tuple[Pictures, NDArray[np.int16], np.float32]:
    """A tile of a photograph, coded at a random payload, cut into crops."""
    # An offset of its own: many photographs were JPEGs, whose grid of blocks would be learned.
    top, left = random.integers(0, 8, 2)
    tile = enlarge_to(picture, crop + 8)[top:, left:]
    rows, columns = (min(side, LARGEST_TILE) // crop for side in tile.shape[:2])
    top, left = (
        random.integers(side - count * crop + 1)
        for side, count in zip(tile.shape[:2], (rows, columns), strict=True)
    )
    tile = tile[top : top + rows * crop, left : left + columns * crop]
    coefficients = layout.transform(tile).reshape(layout.COEFFICIENTS, -1)
    sample = random.choice(coefficients.shape[1], min(SAMPLED_BLOCKS, coefficients.shape[1]), False)
    payload = np.exp(random.uniform(*np.log(PAYLOADS)))
    rung = rung_for(coefficients[:, sample], float(payload))
    floats = quantised(codec, tile, rung)
    kept = np.clip(np.rint(floats / UNIT), -(1 << 15), (1 << 15) - 1).astype(np.int16)

    def cut(whole: NDArray) -> NDArray:
        parts = whole.reshape(rows, crop, columns, crop, 3).swapaxes(1, 2)
        return parts.reshape(-1, crop, crop, 3)

    return cut(tile), cut(kept), layout.step_sizes()[rung]
