"""Sends containers through distortions and measures what is still revealed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from tqdm import tqdm

import runtime
from benchmarks.common.configurations import Configuration
from benchmarks.common.metrics import psnr
from benchmarks.survival.distortions import Distortion, all_distortions
from runtime.engine.models import load_model
from runtime.images.decode import decode
from runtime.images.encode import encode
from runtime.images.image import Picture
from runtime.images.resize import resize_to
from runtime.schemes import scheme_of


@dataclass(frozen=True)
class Outcome:
    """What one configuration reveals after one distortion.

    Attributes:
        distortion: Label of the distortion.
        configuration: Label of the configuration.
        revealed_psnr: In dB, for each pair; None where nothing was revealed.
        nothing: Number of containers that were taken for pictures without a secret.
        altered: Number of containers that were reported as altered.
    """

    distortion: str
    configuration: str
    revealed_psnr: list[float | None]
    nothing: int
    altered: int

    def as_json(self) -> dict[str, Any]:
        """The keys and values of the result file."""
        return {
            "channel": self.distortion,
            "name": self.configuration,
            "revealed_psnr": self.revealed_psnr,
            "nothing": self.nothing,
            "altered": self.altered,
        }


def measure(
    configuration: Configuration, pictures: list[tuple[Picture, Picture]], labels: tuple[str, ...]
) -> tuple[list[Outcome], float]:
    """Sends the containers of one configuration through distortions.

    Args:
        configuration: A model with its options.
        pictures: Covers and secrets, uint8 (height, width, 3), each pair of one size.
        labels: Of the distortions to measure; empty for all.

    Returns:
        The outcomes, and the mean PSNR of the covers in dB.
    """
    # Of what survives, the PSNR is wanted, which exact secrets do not have.
    hider, revealer = configuration.coded().hider(), configuration.revealer()
    containers = [hider.hide(cover, secret) for cover, secret in pictures]
    covers = [psnr(cover, c) for (cover, _), c in zip(pictures, containers, strict=True)]
    arriving = [_saved(configuration.model, container) for container in containers]
    outcomes = []
    chosen = [each for each in all_distortions() if not labels or each.label in labels]
    for distortion in tqdm(chosen, unit="distortion", disable=None, leave=False):
        psnrs: list[float | None] = []
        nothing = altered = 0
        for container, (_, secret) in zip(arriving, pictures, strict=True):
            try:
                revealed = revealer.reveal(distortion.apply(container))
            except runtime.NothingHiddenError:
                nothing += 1
                psnrs.append(None)
            except runtime.AlteredError:
                altered += 1
                psnrs.append(None)
            else:
                psnrs.append(psnr(_expected(secret, revealed, distortion), revealed))
        outcomes.append(Outcome(distortion.label, configuration.label, psnrs, nothing, altered))
    return outcomes, float(np.mean(covers))


def _saved(model: str, container: Picture) -> Picture:
    """A container as it comes back from the format that its scheme prefers, lossy or not."""
    preferred = scheme_of(load_model(model)).container_formats[0]
    content, _ = encode(container, preferred, lossy=True)
    return decode(content).pixels


def _expected(secret: Picture, revealed: Picture, distortion: Distortion) -> Picture:
    """What a revealed picture should be: the secret, or the part and size that is left of it."""
    if revealed.shape == secret.shape:
        return secret
    crop = distortion.crop
    part = secret[crop:-crop, crop:-crop] if crop else secret
    return resize_to(part, *revealed.shape[:2])
