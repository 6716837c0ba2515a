"""Makes the golden containers of a new format version: python tests/quiet/make_golden.py.

Those of version 1 are committed and must reveal forever: a new version gets a folder of its own.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import skimage.data

import runtime
from runtime.crypto.keys import KeyRing, Keys, passphrase_bytes
from runtime.images.image import Image
from runtime.payloads import compact
from runtime.payloads.choice import Chosen
from runtime.payloads.file import pixels_file
from runtime.schemes import open_to_hide
from runtime.schemes.quiet import hiding
from runtime.schemes.quiet.costs import picture_of, planes_of
from runtime.schemes.quiet.description import new_keys

FOLDER = Path(__file__).parent / "golden"
PASSPHRASE = "Grüße"


def main() -> None:
    """Writes container-KIND-HEIGHT[-passphrase].png, secret.png and revealed-KIND.png."""
    FOLDER.mkdir(exist_ok=True)
    cover = Image(np.ascontiguousarray(skimage.data.coffee()[100:196, 200:300]))
    secret = np.ascontiguousarray(skimage.data.astronaut()[60:100, 180:230])
    _, own = cv2.imencode(".png", secret[:3, :4, ::-1])
    (FOLDER / "secret.png").write_bytes(own.tobytes())
    pixels, small = pixels_file(Image(secret[:6, :7]), 1000), compact.encode(secret, 300)
    assert pixels is not None and small is not None
    scheme, _ = open_to_hide("quiet", "cpu", 1)
    planes, ring = planes_of(scheme.networks["costs"], cover), KeyRing()
    revealer = runtime.Revealer("quiet", device="cpu")
    for height, kind, content, word in (
        (7, "file", own.tobytes(), None),
        (8, "file", own.tobytes(), PASSPHRASE),
        (9, "pixels", pixels, None),
        (10, "compact", small.content, PASSPHRASE),
    ):
        keys = new_keys(Keys(ring, passphrase_bytes(word), share_salt=False))
        samples = hiding.embed(planes, Chosen(kind, content), keys, height)
        container = picture_of(samples, cover.size)
        name = f"{kind}-{height}{'-passphrase' if word else ''}"
        runtime.write_picture(FOLDER / f"container-{name}.png", container, overwrite=True)
        if kind != "file":
            picture = revealer.reveal(container, word)
            runtime.write_picture(FOLDER / f"revealed-{kind}.png", picture, overwrite=True)


if __name__ == "__main__":
    main()
