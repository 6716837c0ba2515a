"""Checks that the graphs of `clear` compute what the reference codec computes."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from codec import blocks
from codec.blocks import Floats
from codec.codec import Codec
from codec.tables import Tables
from codec.words import USER_BYTES
from export.clear.carrier import extract
from export.clear.changes import BITS
from export.parity import SIZES, ParityError, Pictures, differing, session

# Restores a decoded picture, float32 (rows, columns, 3), given its quantizer step.
Refine = Callable[[Floats, np.float32], Floats]


def check_against_reference(
    hide: bytes,
    reveal: bytes,
    tables: Tables,
    photographs: list[Pictures],
    refine: Refine | None = None,
) -> float:
    """Compares the graphs with the reference codec; returns the share of differing samples.

    Args:
        hide: Serialized graph.
        reveal: Serialized graph.
        tables: Fitted tables of the reference.
        photographs: Two or more, uint8 (height, width, 3), with at least 160 pixels per side.
        refine: The restoring network in Keras, if the graph has one.

    Raises:
        ParityError: The words of a container are not those of the reference, or a revealed secret
            differs by more than one level or on more than 0.1% of its samples.
    """
    codec = Codec(tables)
    worst = 0.0
    for optimized in (False, True):
        hider, revealer = session(hide, optimized), session(reveal, optimized)
        for (height, width), bits in itertools.product(SIZES, BITS):
            case = f"{height}x{width}, {bits} bits per sample"
            cover, secret = (np.stack([p[:height, :width]]) for p in photographs[:2])
            pad = np.random.default_rng(bits).integers(0, 256, cover.shape).astype(np.uint8)
            header = np.arange(USER_BYTES, dtype=np.uint8)[None]
            common = {"pad": pad, "bits": np.array(bits, np.int64)}
            feed = {"cover": cover, "secret": secret, "header": header, **common}
            (container,) = hider.run(["container"], feed)
            feed = {"container": container, **common}
            revealed, header_back, intact = revealer.run(["secret", "header", "intact"], feed)
            words = extract(container[0], pad[0], bits)
            tile, user, whole = codec.decode(words, height, width)
            again = codec.encode(tile, user, len(words))
            if not (whole and intact.all() and np.array_equal(again, words)):
                raise ParityError(f"the words at {case} differ from the reference")
            if not np.array_equal(header_back, header) or user != header.tobytes():
                raise ParityError(f"the header at {case} was not read back")
            floats = codec.synthesize(tile)
            if refine is not None:
                floats = refine(floats, tile.step)
            expected = blocks.to_picture(floats, height, width)
            worst = max(worst, differing(expected, revealed[0], f"reveal at {case}"))
    return worst
