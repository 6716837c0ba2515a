"""Checks that the graphs of `clear` compute what the reference codec computes."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec import blocks
from codec.blocks import Floats
from codec.codec import Codec
from codec.tables import LAMBDA, Tables
from export.parity import SIZES, ParityError, Pictures, differing, session

# Restores a decoded picture, float32 (rows, columns, 3), given its quantizer step.
Refine = Callable[[Floats, np.float32], Floats]

# About 3, 1 and 1/4 bits per sample.
_QINDICES = (60, 120, 200)
# Most that the bits of the estimate graph may be off by, on a few lanes.
_MOST_OFF = 0.1


def check_against_reference(
    graphs: dict[str, bytes],
    tables: Tables,
    photographs: list[Pictures],
    refine: Refine | None = None,
) -> float:
    """Compares the graphs with the reference codec; returns the share of differing samples.

    Args:
        graphs: Serialized, by name: hide, estimate and reveal.
        tables: Fitted tables of the reference.
        photographs: One or more, uint8 (height, width, 3), with at least 160 pixels per side.
        refine: The restoring network in Keras, if the graph has one.

    Raises:
        ParityError: Words are not those of the reference, a revealed secret differs by more than
            one level or on more than 0.1% of its samples, or an estimate is far off.
    """
    codec = Codec(tables)
    worst = 0.0
    for optimized in (False, True):
        sessions = {name: session(graph, optimized) for name, graph in graphs.items()}
        for (height, width), qindex, adaptive in itertools.product(SIZES, _QINDICES, (False, True)):
            case = f"{height}x{width}, quantizer index {qindex}"
            secret = np.stack([photographs[0][:height, :width]])
            common = {"qindex": int64([qindex]), "adaptive": int64(adaptive)}
            feed = {"secret": secret, "qindices": int64([[qindex]])}
            feed |= {"adaptive": int64(adaptive), "exact": int64(1)}
            bits, choices = sessions["estimate"].run(["bits", "choices"], feed)
            feed = {"secret": secret, "choices": choices, **common}
            feed["price"] = np.array(LAMBDA, np.float32)
            words, counts = sessions["hide"].run(["words", "counts"], feed)
            feed = {"words": words[None], "height": int64(height), "width": int64(width), **common}
            (revealed,) = sessions["reveal"].run(["secret"], feed)
            tile = codec.decode(words, height, width, qindex, adaptive)
            again = codec.encode(tile)
            if list(counts) != [len(words)] or not np.array_equal(again, words):
                raise ParityError(f"the words at {case} differ from the reference")
            off = bits[0, 0] / (16 * len(words)) - 1
            if not abs(off) < _MOST_OFF:
                raise ParityError(f"the bits that are estimated at {case} are off by {off:.1%}")
            floats = codec.synthesize(tile)
            if refine is not None:
                floats = refine(floats, tile.step)
            expected = blocks.to_picture(floats, height, width)
            worst = max(worst, differing(expected, revealed[0], f"reveal at {case}"))
    return worst


def int64(value: Any) -> NDArray[np.int64]:
    """An array as the graphs take it."""
    return np.array(value, np.int64)
