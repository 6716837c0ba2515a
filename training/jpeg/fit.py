"""`python -m training.jpeg.fit`: fits the tables of `runtime.payloads.jpeg` to photographs."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.optimize import nnls
from tqdm import tqdm

from runtime.payloads.jpeg.contexts import CLASSES, FEATURES, KINDS, SCALE, Pass, code_all
from runtime.payloads.jpeg.headers import UnsupportedJpeg, read_headers
from runtime.payloads.jpeg.huffman import decode_scan
from runtime.payloads.jpeg.rans import tokens_of
from runtime.payloads.jpeg.tables import BITS, ROWS, TOKENS, Tables
from training.files import write_atomically
from training.photographs import find_photographs

Int64 = NDArray[np.int64]
Floats = NDArray[np.float64]

_QUALITIES = (70, 80, 90, 95)
_REDUCTION = 0.6  # hides what an earlier JPEG left
_RIDGE = 1e-3
_TYPICAL = 0.3  # magnitudes of this size decide as much as larger ones
_LARGEST_WEIGHT = (1 << 16) - 1


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m training.jpeg.fit", description=__doc__)
    parser.add_argument("data", type=Path, metavar="DIR", help="folder of photographs")
    parser.add_argument("-o", "--out", type=Path, required=True, help="file to write")
    parser.add_argument(
        "--every", type=int, default=4, metavar="N", help="use every Nth photograph (%(default)s)"
    )
    options = parser.parse_args(arguments)
    try:
        files = find_photographs(options.data)[:: options.every]
        content = fit(files)
        write_atomically(options.out, content)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{options.out}: fitted to {len(files)} photographs")
    return 0


def fit(files: list[Path]) -> bytes:
    """The tables that suit photographs: the content of a file as `Tables.of` reads it."""
    sums = _Sums()
    for content in tqdm(_contents(files), total=2 * len(files), unit="file", disable=None):
        _visit(content, sums)
    weights = sums.weights()
    counts = _Counts(weights)
    for content in tqdm(_contents(files), total=2 * len(files), unit="file", disable=None):
        _visit(content, counts)
    return weights.astype("<u2").tobytes() + counts.shares().astype("<u2").tobytes()


def _contents(files: list[Path]) -> Iterator[bytes]:
    """Files that are JPEG as they are, and each photograph reduced, with less colour."""
    for number, file in enumerate(files):
        content = file.read_bytes()
        if content[:2] == b"\xff\xd8":
            yield content
        with Image.open(file) as picture:
            rgb = picture.convert("RGB")
        width, height = (max(round(_REDUCTION * side), 16) for side in rgb.size)
        out = io.BytesIO()
        quality = _QUALITIES[number % len(_QUALITIES)]
        rgb.resize((width, height)).save(out, "JPEG", quality=quality, subsampling="4:2:0")
        yield out.getvalue()


def _visit(content: bytes, visitor: _Sums | _Counts) -> None:
    try:
        headers = read_headers(content)
        coefficients = decode_scan(content, headers).coefficients
    except UnsupportedJpeg:
        return
    code_all(headers, visitor, visitor, coefficients)


class _Sums:
    """Sums of a weighted linear regression of magnitudes, for each kind of pass."""

    def __init__(self) -> None:
        shape = (CLASSES, 64, max(KINDS) + 1)
        self._products = np.zeros((*shape, FEATURES, FEATURES))
        self._targets = np.zeros((*shape, FEATURES))
        self._known: Pass | None = None

    def expected(self, known: Pass) -> Int64:
        """Keeps what is known; see `contexts.Weights`."""
        self._known = known
        return np.zeros(known.features.shape[1], np.int64)

    def code(self, number: int, expected: Int64, values: Int64 | None) -> Int64:  # noqa: ARG002
        """Adds values; see `contexts.Coder`."""
        known = self._known
        if values is None or known is None:
            raise ValueError("there is nothing to learn from")
        features = known.features / known.step
        weighted = features / (features.mean(axis=0) + _TYPICAL)
        where = known.number, known.position, known.kind
        self._products[where] += weighted @ features.T
        self._targets[where] += weighted @ np.abs(values)
        return values

    def weights(self) -> Int64:
        """The weights, none of them negative."""
        found = np.zeros(self._targets.shape, np.int64)
        for where in np.ndindex(self._targets.shape[:-1]):
            products = self._products[where]
            ridge = _RIDGE * max(np.trace(products), 1e-9) / FEATURES
            root = np.linalg.cholesky(products + ridge * np.eye(FEATURES))
            solution, _ = nnls(root.T, np.linalg.solve(root, self._targets[where]))
            found[where] = np.minimum(np.rint(solution * SCALE), _LARGEST_WEIGHT)
        return found


class _Counts:
    """How often tokens are, by expected magnitude."""

    def __init__(self, weights: Int64) -> None:
        empty = np.zeros((CLASSES * ROWS, TOKENS), np.uint16)
        self._tables = Tables.of(weights.astype("<u2").tobytes() + empty.tobytes())
        self._counts = np.zeros((CLASSES * ROWS, TOKENS))

    def expected(self, known: Pass) -> Int64:
        """See `contexts.Weights`."""
        return self._tables.expected(known)

    def code(self, number: int, expected: Int64, values: Int64 | None) -> Int64:
        """Counts values; see `contexts.Coder`."""
        if values is None:
            raise ValueError("there is nothing to learn from")
        token, _ = tokens_of(np.abs(values))
        np.add.at(self._counts, (self._tables.rows(number, expected), token), 1)
        return values

    def shares(self) -> Int64:
        """Probabilities, whole numbers of 2^-BITS, of which none is 0."""
        return np.stack([_whole(row) for row in _smoothed(self._counts)])


def _smoothed(counts: Floats) -> Floats:
    """Counts with a few of the rows beside them, for rows that were seen little."""
    rows = counts.reshape(CLASSES, ROWS, TOKENS)
    beside = np.zeros_like(rows)
    beside[:, 1:] += rows[:, :-1]
    beside[:, :-1] += rows[:, 1:]
    total = np.maximum(beside.sum(axis=2, keepdims=True), 1)
    return np.asarray((rows + 8 * beside / total + 1e-3).reshape(counts.shape))


def _whole(row: Floats) -> Int64:
    """Probabilities of at least 1 that add up to 2^BITS."""
    left = (1 << BITS) - TOKENS
    exact = row / row.sum() * left
    whole = np.floor(exact).astype(np.int64)
    most = np.argsort(whole - exact, kind="stable")[: left - int(whole.sum())]
    whole[most] += 1
    return np.asarray(whole + 1)


if __name__ == "__main__":
    sys.exit(main())
