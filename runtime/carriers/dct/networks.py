"""The graphs that the carrier runs, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runtime.carriers.dct.strengths import Strength
from runtime.engine.network import Network, Signature
from runtime.engine.parallel import for_each
from runtime.images.image import Picture

Bits = NDArray[np.uint8]
Floats = NDArray[np.float32]

HIDE = Signature(("cover", "phases", "strength"), ("container",))
READ = Signature(
    ("picture", "dither", "rows", "columns", "gains", "strength"), ("coefficients", "closeness")
)
FIND = Signature(("picture", "candidates", "side"), ("scores",))
ENCODE = Signature(("information", "length"), ("sent",))
DECODE = Signature(("soft", "bits"), ("information", "valid", "iterations"))

_BLOCKS_AT_A_TIME = 16


@dataclass(frozen=True)
class Networks:
    """The graphs of a model, by name, as far as they are open."""

    opened: Mapping[str, Network]

    @property
    def workers(self) -> int:
        """How many runs should be at work at a time."""
        return min(network.side_by_side for network in self.opened.values())

    def hide(self, strip: Picture, phases: NDArray[np.uint8], strength: Strength) -> Picture:
        """A strip of whole blocks of a cover, changed to have phases, uint8 (blocks, places)."""
        feed = {"cover": strip, "phases": phases, "strength": np.array(strength.number)}
        (container,) = self.opened["hide"].run(feed, "container")
        return np.asarray(container, np.uint8)

    def read(
        self,
        picture: Picture,
        blocks: tuple[int, int],
        rows: tuple[float, float],
        columns: tuple[float, float],
        strength: Strength,
    ) -> Floats:
        """Coefficients of a part of a file, float32 (block rows, block columns, places).

        Args:
            picture: uint8 (height, width, 3).
            blocks: Rows and columns of blocks.
            rows: Start and ratio of the rows at hiding, within the part.
            columns: The same of columns.
            strength: The strength.
        """
        feed = {
            "picture": picture,
            "dither": np.zeros((*blocks, strength.places), np.uint8),
            "rows": np.array(rows, np.float32),
            "columns": np.array(columns, np.float32),
            "gains": np.ones(strength.places, np.float32),
            "strength": np.array(strength.number),
        }
        (coefficients,) = self.opened["read"].run(feed, "coefficients")
        return np.asarray(coefficients, np.float32)

    def scores(self, picture: Picture, candidates: Floats, side: int) -> Floats:
        """How well pilots fit, float32 (candidates, strengths), in standard deviations."""
        network = self.opened["find"]
        parts = np.array_split(np.arange(len(candidates)), network.side_by_side)
        scores = np.empty((len(candidates), 3), np.float32)

        def do(part: NDArray[np.intp]) -> None:
            feed = {"picture": picture, "candidates": candidates[part], "side": np.array(side)}
            (scores[part],) = network.run(feed, "scores")

        for_each(do, [part for part in parts if len(part)], network.side_by_side)
        return scores

    def encode(self, information: Bits, length: int) -> Bits:
        """Bits sent, uint8 (blocks, length), for information, uint8 (blocks, bits)."""
        network = self.opened["encode"]
        sent = np.empty((len(information), length), np.uint8)

        def do(start: int) -> None:
            some = slice(start, start + _BLOCKS_AT_A_TIME)
            feed = {"information": information[some], "length": np.array(length)}
            (sent[some],) = network.run(feed, "sent")

        for_each(do, range(0, len(information), _BLOCKS_AT_A_TIME), network.side_by_side)
        return sent

    def decode(self, soft: Floats, bits: int) -> tuple[Bits, NDArray[np.bool_]]:
        """Information, uint8 (blocks, bits), and which blocks are right.

        Args:
            soft: Logarithms of how much more probable 0 is than 1, float32 (blocks, sent).
            bits: Of information of each block.
        """
        network = self.opened["decode"]
        found = np.empty((len(soft), bits), np.uint8)
        valid = np.empty(len(soft), bool)

        def do(start: int) -> None:
            some = slice(start, start + _BLOCKS_AT_A_TIME)
            feed = {"soft": soft[some], "bits": np.array(bits)}
            found[some], valid[some] = network.run(feed, "information", "valid")

        starts = range(0, len(soft), _BLOCKS_AT_A_TIME)
        for_each(do, starts, network.side_by_side)
        return found, valid
