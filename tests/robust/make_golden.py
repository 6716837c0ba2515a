"""Makes the golden containers of a new format version: python tests/robust/make_golden.py.

Those of version 1 are committed and must reveal forever, as must the JPEG files that were saved of
them at once: a new version gets a folder of its own. Each strength has one that carries a compact
picture, and one with a passphrase that carries the secret's own file.
"""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import skimage.data
from PIL import Image

import runtime
from runtime.images.distortions import distortion_of

FOLDER = Path(__file__).parent / "golden"
PASSPHRASE = "Grüße aus dem Wald"
# A container's file, and what else was saved of it.
SAVED = {
    "normal": ("png", "jpeg:75"),
    "strong": ("jpeg", "scale:0.75,jpeg:85"),
    "max": ("jpeg", "scale:0.5,jpeg:85"),
}


def secret() -> np.ndarray:
    """The compact pictures' original, uint8 (60, 80, 3)."""
    picture = cv2.resize(skimage.data.coffee(), (80, 60), interpolation=cv2.INTER_AREA)
    return np.asarray(picture, np.uint8)


def own_file() -> bytes:
    """A picture file of few bytes."""
    out = io.BytesIO()
    Image.fromarray(secret()[:24:3, :24:3]).save(out, "JPEG", quality=20, optimize=True)
    return out.getvalue()


def main() -> None:
    """Writes STRENGTH-KIND.EXTENSION, STRENGTH-KIND-saved.jpg and own.jpg."""
    FOLDER.mkdir(exist_ok=True)
    cover = np.ascontiguousarray(skimage.data.astronaut()[:363, :350])
    (FOLDER / "own.jpg").write_bytes(own_file())
    for strength, (extension, steps) in SAVED.items():
        hider = runtime.Hider("robust", strength=strength, device="cpu")
        for kind, hidden, word in (
            ("compact", secret(), None),
            ("file", own_file(), PASSPHRASE),
        ):
            container = hider.hide(cover, hidden, word)
            name = f"{strength}-{kind}"
            if extension == "png" and kind == "compact":
                runtime.write_picture(FOLDER / f"{name}.png", container, overwrite=True)
            else:
                _save(FOLDER / f"{name}.jpg", container, 95)
            distortion, _, quality = steps.rpartition("jpeg:")
            arrived = container
            if distortion:
                arrived = distortion_of(distortion.rstrip(","))(container)
            _save(FOLDER / f"{name}-saved.jpg", arrived, int(quality))


def _save(path: Path, picture: np.ndarray, quality: int) -> None:
    Image.fromarray(picture).save(path, "JPEG", quality=quality, subsampling="4:2:0")


if __name__ == "__main__":
    main()
