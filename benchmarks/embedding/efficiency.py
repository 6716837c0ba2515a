"""How close the code comes to the bound of the payload-distortion problem for ternary changes.

The bound is the least mean cost of changes that carry a payload on average (Filler, Judas,
Fridrich 2011, equations 5 to 8, for three values). Costs are those that the model gives.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from runtime.carriers.syndrome import ternary
from runtime.carriers.syndrome.ternary import Floats, Samples
from runtime.engine.models import load_model
from runtime.engine.network import Network
from runtime.images.image import Image
from runtime.picture_files import read_picture
from runtime.schemes.quiet.costs import COSTS, planes_of


def efficiency_rows(
    files: list[Path], payloads: list[float], heights: list[int]
) -> list[dict[str, Any]]:
    """A row for each payload and constraint height: the share of the bound that is reached."""
    network = Network(load_model("quiet"), "costs", COSTS, "cpu", 1)
    covers = []
    for number, file in enumerate(files):
        planes = planes_of(network, Image(read_picture(file)))
        samples, costs = np.concatenate(planes.samples), np.concatenate(planes.costs)
        order = np.random.default_rng(number).permutation(len(samples))
        covers.append((samples[order], costs[order]))
    return [_row(covers, payload, height) for payload in payloads for height in heights]


def _row(covers: list[tuple[Samples, Floats]], payload: float, height: int) -> dict[str, Any]:
    shares, changes = [], []
    for number, (samples, costs) in enumerate(covers):
        bits = round(payload * len(samples))
        message = np.random.default_rng(number).integers(0, 2, bits, dtype=np.uint8)
        layers, factor = ternary.layers_for(samples, costs, costs, bits)
        made = ternary.embed(samples, costs, costs, message, layers, factor, height)
        if made is None:
            continue  # most of it is flat
        is_changed = made != samples
        spent = float(costs[is_changed].sum(dtype=np.float64))
        shares.append(_bound(costs, bits) / spent)
        changes.append(float(is_changed.mean()))
    return {
        "payload": payload,
        "height": height,
        "covers": len(shares),
        "share_of_bound": round(float(np.mean(shares)), 4),
        "share_of_bound_worst": round(min(shares), 4),
        "changed": round(float(np.mean(changes)), 5),
    }


def _bound(costs: Floats, bits: int) -> float:
    """The least cost at which so many bits are carried, with equal costs of both changes."""
    dry = costs[np.isfinite(costs)].astype(np.float64)
    low, high = 1e-6, 1e6
    for _ in range(60):
        factor = (low * high) ** 0.5
        share = 1 / (2 + np.exp(np.minimum(factor * dry, 600)))
        stays = 1 - 2 * share
        inside = np.maximum(share, 1e-280)
        entropy = -2 * inside * np.log2(inside) - stays * np.log2(stays)
        low, high = (factor, high) if entropy.sum() > bits else (low, factor)
    return float((2 * share * dry).sum())
