"""Whether a container that was just made gives its secret back, before it is kept."""

from __future__ import annotations

import math

from runtime.batch.options import BatchOptions
from runtime.errors import AlteredError, FileError, VerifyError
from runtime.images.decode import decode
from runtime.images.distortions import Distortion
from runtime.images.image import Image
from runtime.images.metrics import psnr
from runtime.images.resize import resize_to
from runtime.pipeline import HiddenFile
from runtime.results import Quality
from runtime.revealer import Revealer

COVER_FLOOR = 25.0


def verify_written(
    written: bytes,
    hidden: HiddenFile,
    verifier: Revealer,
    passphrase: str | bytes | None,
    options: BatchOptions,
) -> Quality:
    """Reveals what was written, after each distortion that was asked for.

    Raises:
        VerifyError: It does not hold the secret, or is not like its cover.
    """
    try:
        container = decode(written, options.max_pixels)
    except FileError as error:
        raise VerifyError(f"verification failed: {error.message}") from error
    found = [
        _verified(container, distortion, hidden, verifier, passphrase, options)
        for distortion in options.verify_through or (None,)
    ]
    return min(found, key=lambda quality: quality.revealed)


def _verified(
    container: Image,
    distortion: Distortion | None,
    hidden: HiddenFile,
    verifier: Revealer,
    passphrase: str | bytes | None,
    options: BatchOptions,
) -> Quality:
    after = "" if distortion is None else f" after {distortion.name}"
    try:
        arrived = container if distortion is None else Image(distortion(container.pixels))
        revealed = verifier.recover_image(arrived, passphrase)
        if revealed.damage is not None:
            raise AlteredError.of_damage(revealed.damage)
    except FileError as error:
        raise VerifyError(f"verification failed{after}: {error.message}") from error
    secret, payload = hidden.secret, hidden.payload
    height, width, _ = revealed.picture.shape
    quality = Quality(
        # Some schemes reduce covers first.
        psnr(resize_to(hidden.cover.pixels, *container.size), container.pixels),
        psnr(resize_to(secret.pixels, height, width), revealed.picture),
    )
    differs = quality.revealed < math.inf
    if payload is not None and payload.is_file:
        differs = revealed.file != secret.content
    if payload is not None and payload.exact and differs:
        raise VerifyError(f"verification failed{after}: what is revealed is not exactly the secret")
    if quality.cover < COVER_FLOOR or quality.revealed < options.verify_floor:
        raise VerifyError(
            f"verification failed{after}: cover {quality.cover:.1f} dB, revealed "
            f"{quality.revealed:.1f} dB; at least {COVER_FLOOR:g} and {options.verify_floor:g} are "
            "required"
        )
    return quality
