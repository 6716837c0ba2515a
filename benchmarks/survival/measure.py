"""Sends containers through distortions and measures what is still revealed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tqdm import tqdm

import runtime
from benchmarks.common.configurations import Configuration
from benchmarks.common.metrics import psnr
from benchmarks.survival.distortions import Distortion, all_distortions
from runtime.images.image import Picture


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


def measure(configuration: Configuration, pictures: list[tuple[Picture, Picture]]) -> list[Outcome]:
    """Sends the containers of one configuration through every distortion.

    Args:
        configuration: A model with its options.
        pictures: Covers and secrets, uint8 (height, width, 3), each pair of one size.
    """
    # Of what survives, the PSNR is wanted, which exact secrets do not have.
    hider, revealer = configuration.coded().hider(), configuration.revealer()
    containers = [hider.hide(cover, secret) for cover, secret in pictures]
    outcomes = []
    for distortion in tqdm(all_distortions(), unit="distortion", disable=None, leave=False):
        psnrs: list[float | None] = []
        nothing = altered = 0
        for container, (_, secret) in zip(containers, pictures, strict=True):
            try:
                revealed = revealer.reveal(distortion.apply(container))
            except runtime.NothingHiddenError:
                nothing += 1
                psnrs.append(None)
            except runtime.AlteredError:
                altered += 1
                psnrs.append(None)
            else:
                psnrs.append(psnr(_expected(secret, distortion), revealed))
        outcomes.append(Outcome(distortion.label, configuration.label, psnrs, nothing, altered))
    return outcomes


def _expected(secret: Picture, distortion: Distortion) -> Picture:
    """The part of the secret that the distortion leaves a container for."""
    crop = distortion.crop
    return secret[crop:-crop, crop:-crop] if crop else secret
