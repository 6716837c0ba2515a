"""How close the code comes to the bound of the payload-distortion problem for ternary changes.

The bound is the least mean cost of changes that carry a payload on average (Filler, Judas,
Fridrich 2011, equations 5 to 8, for three values). Costs are those that the model gives. The code
is compared with it in two ways: the bound's cost of the payload as a share of the cost that the
code spends, and the payload as a share of what the bound carries at that cost, which is one less
what the paper calls the coding loss. Changes up and down cost the same, and each sample changes
for itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.carriers.syndrome import directions, plane
from runtime.carriers.syndrome.plane import Flags, Floats, Samples
from runtime.engine.models import load_model
from runtime.engine.network import Network
from runtime.images.image import Image
from runtime.picture_files import read_picture
from runtime.schemes.quiet.costs import COSTS, planes_of

_TRIES = 6
# The code changes more than the best changes would, about in this ratio.
_MORE_CHANGED = 1.15


def efficiency_rows(
    files: list[Path], payloads: list[float], heights: list[int]
) -> list[dict[str, Any]]:
    """A row for each payload and constraint height: the share of the bound that is reached."""
    network = Network(load_model("quiet"), "costs", COSTS, "cpu", 1)
    covers = []
    for number, file in enumerate(files):
        planes = planes_of(network, Image(read_picture(file)))
        samples = np.concatenate(planes.samples)
        costs = np.concatenate(planes.noise.up).astype(np.float32)
        order = np.random.default_rng(number).permutation(len(samples))
        covers.append((samples[order], costs[order]))
    return [_row(covers, payload, height) for payload in payloads for height in heights]


def _row(covers: list[tuple[Samples, Floats]], payload: float, height: int) -> dict[str, Any]:
    shares, of_payload, changes = [], [], []
    for number, (samples, costs) in enumerate(covers):
        bits = round(payload * len(samples))
        dry = costs[np.isfinite(costs)].astype(np.float64)
        is_changed = _changed(samples, costs, dry, np.random.default_rng(number), bits, height)
        if is_changed is None:
            continue  # most of it is flat
        spent = float(costs[is_changed].sum(dtype=np.float64))
        shares.append(_least_cost(dry, bits) / spent)
        of_payload.append(bits / _most_bits(dry, spent))
        changes.append(float(is_changed.mean()))
    return {
        "payload": payload,
        "height": height,
        "covers": len(shares),
        "share_of_bound": round(float(np.mean(shares)), 4),
        "share_of_payload": round(float(np.mean(of_payload)), 4),
        "share_of_bound_worst": round(min(shares), 4),
        "changed": round(float(np.mean(changes)), 5),
    }


def _changed(
    samples: Samples,
    costs: Floats,
    dry: NDArray[np.float64],
    generator: np.random.Generator,
    bits: int,
    height: int,
) -> Flags | None:
    """Which samples change to carry so many random bits; None if they do not suffice.

    Directions carry what they can, which depends on how many samples change, and that on what is
    left for their lowest bits: a few tries bring both together.
    """
    message = generator.integers(0, 2, bits, dtype=np.uint8)
    where = np.arange(len(samples), dtype=np.uint32)
    best = _where(dry, lambda best: best.bits <= bits)
    # Each direction is as good as the other, so that a change may cost a bit more.
    nats = (best.factor * costs - np.log(2)).astype(np.float32)
    is_changed = np.zeros(len(samples), bool)
    in_directions = min(bits, directions.room(int(_MORE_CHANGED * best.changed)))
    for _ in range(_TRIES):
        in_lowest = message[: bits - in_directions]
        if not plane.write(is_changed, samples, nats, where, in_lowest, height):
            return None
        most = directions.room(int(np.count_nonzero(is_changed)))
        if 0.98 * most < in_directions <= most:
            break
        in_directions = min(bits, int(0.99 * most))
    rest = message[len(in_lowest) :]
    up = generator.random(len(samples)) < 0.5
    step = np.where(up, np.uint8(1), np.uint8(255))
    second = plane.second_bits(samples + step * is_changed, where)
    turned = directions.turned([second], [is_changed], is_changed, rest)
    return None if turned is None else is_changed


@dataclass(frozen=True)
class _Best:
    """How many the best changes are, and what they carry and cost, at a multiplier."""

    factor: float
    changed: float
    bits: float
    cost: float


def _least_cost(costs: NDArray[np.float64], bits: float) -> float:
    """Of changes that carry so many bits."""
    return _where(costs, lambda best: best.bits <= bits).cost


def _most_bits(costs: NDArray[np.float64], cost: float) -> float:
    """That changes carry which cost so much."""
    return _where(costs, lambda best: best.cost <= cost).bits


def _where(costs: NDArray[np.float64], is_little: Callable[[_Best], bool]) -> _Best:
    """The best changes where they begin to be little."""
    low, high = 1e-6, 1e6
    for _ in range(60):
        factor = (low * high) ** 0.5
        best = _best(costs, factor)
        low, high = (low, factor) if is_little(best) else (factor, high)
    return best


def _best(costs: NDArray[np.float64], factor: float) -> _Best:
    share = 1 / (2 + np.exp(np.minimum(factor * costs, 600)))
    stays = 1 - 2 * share
    inside = np.maximum(share, 1e-280)
    entropy = -2 * inside * np.log2(inside) - stays * np.log2(stays)
    return _Best(
        factor, float(2 * share.sum()), float(entropy.sum()), float((2 * share * costs).sum())
    )
