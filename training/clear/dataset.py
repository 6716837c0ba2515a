"""Training examples of the restoring network, coded once and cached in a folder."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from codec import blocks
from codec.blocks import MACROBLOCK, Floats, Pictures
from codec.codec import Codec
from training.batches import enlarge_to
from training.files import atomic_file, write_atomically
from training.photographs import PhotographCache

LARGEST_TILE = 512
# Decoded samples are stored as multiples of this, far below the rounding error of 8 bits.
UNIT = 1.0 / 32.0
BITS_PER_SAMPLE = (0.2, 3.3)
SAMPLED_BLOCKS = 1024

Batch = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class DatasetSpec:
    """Everything that a dataset follows from.

    Attributes:
        photographs: Names of the photographs.
        tables: SHA-256 of the codec's tables.
        crop: Side of an example in pixels, a multiple of 16.
        passes: How often each photograph is coded, each time at another position and rate.
        seed: Seed of positions and rates.
    """

    photographs: tuple[str, ...]
    tables: str
    crop: int
    passes: int
    seed: int

    def __post_init__(self) -> None:
        if self.crop % MACROBLOCK or not MACROBLOCK <= self.crop <= LARGEST_TILE:
            raise ValueError(
                f"--crop must be a multiple of {MACROBLOCK}, at most {LARGEST_TILE}, "
                f"got {self.crop}"
            )


@dataclass(frozen=True)
class Dataset:
    """Examples: originals, what was decoded of them, and the quantizer step.

    Attributes:
        secret: uint8 (examples, crop, crop, 3).
        decoded: int16 (examples, crop, crop, 3), in units of 1/32 level, not clipped.
        step: float32 (examples,).
        batch: Examples per batch.
        seed: Seed of the choice of examples.
    """

    secret: Pictures
    decoded: NDArray[np.int16]
    step: NDArray[np.float32]
    batch: int
    seed: int

    def make(self, step: int) -> Batch:
        """Batch number `step`: `secret`, `decoded` and `step`.

        Pictures are flipped and transposed at random: the code treats rows and columns alike.
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


def open_dataset(
    folder: Path,
    codec: Codec,
    spec: DatasetSpec,
    files: tuple[Path, ...],
    cache: PhotographCache,
    batch: int,
    workers: int = 2,
) -> Dataset:
    """Opens the dataset cached in a folder; if it is missing or another one, codes it first.

    Coding takes minutes.

    Raises:
        ValueError: None of the photographs can be read.
    """
    description = json.dumps(asdict(spec), indent=2) + "\n"
    known = folder / "dataset.json"
    if not (known.is_file() and known.read_text() == description):
        known.unlink(missing_ok=True)
        _code_all(folder, codec, spec, files, cache, workers)
        write_atomically(known, description.encode())
    step = np.fromfile(folder / "step.bin", np.float32)
    shape = (len(step), spec.crop, spec.crop, 3)
    secret = np.memmap(folder / "secret.bin", np.uint8, "r", shape=shape)
    decoded = np.memmap(folder / "decoded.bin", np.int16, "r", shape=shape)
    return Dataset(secret, decoded, step, batch, spec.seed)


def _code_all(
    folder: Path,
    codec: Codec,
    spec: DatasetSpec,
    files: tuple[Path, ...],
    cache: PhotographCache,
    workers: int,
) -> None:
    def code_one(job: tuple[int, int]) -> tuple[Pictures, NDArray[np.int16], np.float32] | None:
        number, index = job
        picture = cache.read(files[index])
        if picture is None:
            return None
        random = np.random.default_rng([spec.seed, number, index])
        return _examples(codec, picture, spec.crop, random)

    jobs = [(n, i) for n in range(spec.passes) for i in range(len(files))]
    with (
        atomic_file(folder / "secret.bin") as secret_path,
        atomic_file(folder / "decoded.bin") as decoded_path,
        atomic_file(folder / "step.bin") as step_path,
        secret_path.open("wb") as secret_file,
        decoded_path.open("wb") as decoded_file,
        step_path.open("wb") as step_file,
        ThreadPoolExecutor(workers, thread_name_prefix="dataset") as threads,
    ):
        try:
            results = threads.map(code_one, jobs)
            for examples in tqdm(results, "coding examples", len(jobs), unit="photograph"):
                if examples is not None:
                    secret, decoded, step = examples
                    secret.tofile(secret_file)
                    decoded.tofile(decoded_file)
                    np.full(len(secret), step, np.float32).tofile(step_file)
        except BaseException:
            threads.shutdown(cancel_futures=True)
            raise
        if not step_file.tell():
            raise ValueError(f"none of the {len(files)} photographs can be read")


def _examples(
    codec: Codec, picture: Pictures, crop: int, random: np.random.Generator
) -> tuple[Pictures, NDArray[np.int16], np.float32]:
    """A tile of a photograph, coded at a random rate and cut into crops."""
    # A random offset: many photographs were JPEGs, and their grid of blocks would be learned.
    top, left = random.integers(0, 8, 2)
    tile = enlarge_to(picture, crop + 8)[top:, left:]
    rows, columns = (min(side, LARGEST_TILE) // crop for side in tile.shape[:2])
    top, left = (
        random.integers(side - count * crop + 1)
        for side, count in zip(tile.shape[:2], (rows, columns), strict=True)
    )
    tile = tile[top : top + rows * crop, left : left + columns * crop]
    coefficients = blocks.transform(tile).reshape(blocks.COEFFICIENTS, -1)
    sample = random.choice(coefficients.shape[1], min(SAMPLED_BLOCKS, coefficients.shape[1]), False)
    rate = np.exp(random.uniform(*np.log(BITS_PER_SAMPLE)))
    qindex = qindex_for(coefficients[:, sample], float(rate))
    floats = decoded_at(codec, tile, qindex)
    kept = np.clip(np.rint(floats / UNIT), -(1 << 15), (1 << 15) - 1).astype(np.int16)

    def cut(whole: NDArray[Any]) -> NDArray[Any]:
        crops = whole.reshape(rows, crop, columns, crop, 3).swapaxes(1, 2)
        return crops.reshape(-1, crop, crop, 3)

    return cut(tile), cut(kept), blocks.step_sizes()[qindex]


def decoded_at(codec: Codec, picture: Pictures, qindex: int) -> Floats:
    """A picture as decoded after coding at a quantizer index, see `Codec.synthesize`."""
    return codec.synthesize(codec.quantize(blocks.transform(picture), qindex, adaptive=True))


# Mean of log2(1 + |coefficient| / step) as a function of bits per sample, measured on validation
# photographs; the standard deviation of its error is at most 0.1.
_RATE_OFFSET, _RATE_SLOPE = 0.08, 0.434


def qindex_for(coefficients: Floats, rate: float) -> int:
    """Estimates the quantizer index at which a picture takes `rate` bits per sample.

    Good enough to draw training examples. `Codec.choose` is exact, and takes a second.

    Args:
        coefficients: Of the picture, or of a sample of its blocks, float32 (192, ...).
        rate: Bits per sample.
    """
    magnitudes = np.abs(coefficients)
    steps = blocks.step_sizes()
    low, high = 0, blocks.QINDICES - 1
    while low < high:
        middle = (low + high) // 2
        estimate = np.log2(1.0 + magnitudes / steps[middle]).mean()
        if estimate <= _RATE_OFFSET + _RATE_SLOPE * rate:
            high = middle
        else:
            low = middle + 1
    return low
