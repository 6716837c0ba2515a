"""How the files of a run are read, encoded, verified and written."""

from __future__ import annotations

from dataclasses import dataclass

from runtime.images.distortions import Distortion
from runtime.pipeline import FileOptions

REVEALED_FLOOR = 20.0


@dataclass(frozen=True)
class BatchOptions(FileOptions):
    """How files are read, encoded and written.

    Attributes:
        overwrite: Whether existing files are replaced.
        skip_existing: Whether existing files are left alone, without an error.
        verify_floor: PSNR in dB that a revealed secret must have to pass verification.
        verify_through: Distortions after which a container is revealed to verify it; none for as it
            is. See `runtime.images.distortions`.
    """

    overwrite: bool = False
    skip_existing: bool = False
    verify_floor: float = REVEALED_FLOOR
    verify_through: tuple[Distortion, ...] = ()
