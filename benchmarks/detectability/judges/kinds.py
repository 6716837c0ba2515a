"""The kinds of hiding that judges are trained against, all at the same payload.

`quiet` hides random bytes as long as its budget, in the way of the scheme, with keys drawn from a
seed, and so does `clear`. HILL and S-UNIWARD are simulated by `conseal` at the bound, each channel
alone with the payload per sample; LSB matching changes half of the samples that carry a bit, up or
down by chance.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from math import ceil

import numpy as np

from benchmarks.common.store import sources_digest
from benchmarks.detectability.judges.covers import Cover
from runtime.carriers import density as density_module
from runtime.carriers import residues
from runtime.carriers.syndrome import columns, directions, order, plane, trellis
from runtime.crypto.keys import NONCE_BYTES, SALT_BYTES, FileKeys
from runtime.engine.models import load_model
from runtime.images.image import Image, Picture
from runtime.payloads.choice import Chosen
from runtime.schemes import Scheme, open_to_hide
from runtime.schemes.clear import choice as clear_choice
from runtime.schemes.clear import description as clear_description
from runtime.schemes.clear import hiding as clear_hiding
from runtime.schemes.clear import tile as clear_tile
from runtime.schemes.quiet import costs, hiding, joint, places
from runtime.schemes.quiet.costs import Planes, picture_of, planes_of

HEIGHT = 8
_KEY_BYTES = 32


def _quiet(cover: Cover, payload: float, seed: int) -> Picture:
    generator = np.random.default_rng(seed)
    keys = _keys(generator)
    planes = quiet_planes(cover)
    content = Chosen("compact", generator.bytes(hiding.room(planes, payload)))
    samples = hiding.embed(planes, content, keys, HEIGHT)
    return picture_of(samples, (cover.picture.shape[0], cover.picture.shape[1]))


def _clear(cover: Cover, payload: float, seed: int) -> Picture:
    picture = cover.picture
    generator = np.random.default_rng(seed)
    keys = _keys(generator)
    size, bits = (picture.shape[0], picture.shape[1]), ceil(payload)
    length = min(int(payload * picture.size) // 8, clear_choice.room(size, bits))
    content = Chosen("compact", generator.bytes(length))
    density = clear_hiding.density_for(size, length, bits)
    return clear_hiding.embed(picture, content, density, keys, bytes(2), 1)


def _keys(generator: np.random.Generator) -> FileKeys:
    return FileKeys(
        generator.bytes(NONCE_BYTES),
        generator.bytes(SALT_BYTES),
        generator.bytes(_KEY_BYTES),
        generator.bytes(_KEY_BYTES),
    )


def quiet_planes(cover: Cover) -> Planes:
    """Samples of a cover and what changes of them cost `quiet`."""
    return planes_of(_scheme().networks["costs"], Image(cover.picture), cover.cut_off)


@cache
def _scheme() -> Scheme[object]:
    return open_to_hide("quiet", "cpu", 1)[0]


def _simulated(name: str, cover: Cover, payload: float, seed: int) -> Picture:
    module = importlib.import_module(f"conseal.{name}")
    channels = [
        module.simulate_single_channel(
            np.ascontiguousarray(cover.picture[..., channel]),
            alpha=payload,
            seed=3 * seed + channel,
        )
        for channel in range(3)
    ]
    return np.asarray(np.dstack(channels), np.uint8)


def _lsb_matching(cover: Cover, payload: float, seed: int) -> Picture:
    generator = np.random.default_rng(seed)
    picture = cover.picture
    changes = generator.random(picture.shape) < payload / 2
    up = generator.random(picture.shape) < 0.5
    up[picture == 0], up[picture == 255] = True, False
    return np.asarray(picture + np.where(changes, np.where(up, 1, -1), 0), np.uint8)


KINDS: dict[str, Callable[[Cover, float, int], Picture]] = {
    "quiet": _quiet,
    "HILL": partial(_simulated, "hill"),
    "S-UNIWARD": partial(_simulated, "suniward"),
    "LSB matching": _lsb_matching,
    "clear": _clear,
}
"""From a cover, bits per sample and a seed to the container."""


MODELS = {"quiet"}
"""Kinds that are models of ours; what is simulated does not depend on one."""


@dataclass(frozen=True)
class Setting:
    """A kind of hiding at a payload.

    Attributes:
        kind: Its name, one of `KINDS`.
        payload: Bits per sample.
    """

    kind: str
    payload: float

    def container(self, cover: Cover, seed: int) -> Picture:
        """The container of a cover, with what is random drawn from a seed."""
        return KINDS[self.kind](cover, self.payload, seed)

    def digest(self, cover: Cover, seed: int) -> str:
        """What a container depends on."""
        made_by = _VERSIONS[self.kind]()
        known = "" if cover.cut_off is None else hashlib.sha256(cover.cut_off.tobytes()).hexdigest()
        return f"{digest_of(cover.picture)} {known} {self.kind} {self.payload} {seed} {made_by}"


def digest_of(picture: Picture) -> str:
    """What a picture is."""
    return f"{picture.shape} {hashlib.sha256(picture.tobytes()).hexdigest()}"


@cache
def _version() -> str:
    """What the containers of `quiet` depend on."""
    sources = sources_digest(
        trellis, columns, directions, plane, order, hiding, costs, joint, places
    )
    return f"{sources} {load_model('quiet').manifest['weights_sha256']} {HEIGHT}"


_VERSIONS: dict[str, Callable[[], str]] = {
    "quiet": _version,
    "HILL": lambda: importlib.metadata.version("conseal"),
    "S-UNIWARD": lambda: importlib.metadata.version("conseal"),
    "LSB matching": lambda: "",
    "clear": lambda: sources_digest(
        residues, density_module, clear_choice, clear_hiding, clear_tile, clear_description
    ),
}
