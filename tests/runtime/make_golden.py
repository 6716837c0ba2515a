"""Makes golden containers: python tests/runtime/make_golden.py KIND ...

Those of version 2 are committed and must reveal forever: a new version gets a folder of its own,
and this makes those of a new kind of payload. There is one of each kind at each density, every
third of them with a passphrase.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image

import runtime
from runtime.carriers.density import Density, capacity
from runtime.crypto.keys import KeyRing, Keys, passphrase_bytes
from runtime.images.grid import tiles_of
from runtime.payloads import code, compact
from runtime.payloads.base import FILES
from runtime.payloads.choice import Chosen
from runtime.payloads.file import pixels_file
from runtime.payloads.jpeg.repacking import pack
from runtime.schemes import open_to_hide
from runtime.schemes.clear import code_id, hiding
from runtime.schemes.clear.tile import free_pixels

FOLDER = Path(__file__).parent / "golden"
PASSPHRASE = "Grüße aus dem Wald"
_FEW_BYTES = 160  # for which the secret has to be reduced


def main(wanted: list[str]) -> None:
    """Writes container-KIND-BITS[-passphrase].png, secrets, and revealed-KIND-BITS.png."""
    FOLDER.mkdir(exist_ok=True)
    cover = skimage.data.coffee()[100:184, 200:300]
    secret = np.ascontiguousarray(skimage.data.astronaut()[60:100, 180:230])
    out = io.BytesIO()
    Image.fromarray(secret[:16, :12]).save(out, "JPEG", quality=20, subsampling=2)
    own = out.getvalue()
    (FOLDER / "secret.jpg").write_bytes(own)
    packed = {name: _packed(each) for name, each in _secrets_to_pack().items()}
    scheme, _ = open_to_hide("clear", "cpu", 1)
    networks, ring = scheme.networks, KeyRing()
    revealer = runtime.Revealer("clear", device="cpu")
    free = [free_pixels(tile) for tile in tiles_of(*cover.shape[:2])]
    for bits in range(1, 10):
        budget = sum(capacity(pixels, Density(bits)) for pixels in free)
        pixels = pixels_file(runtime.images.image.Image(secret[: 4 + bits, :20]), budget)
        assert pixels is not None
        coded = code.encode(networks["hide"], networks["estimate"], secret, budget)
        small = compact.encode(secret, budget if bits > 1 else _FEW_BYTES)
        assert small is not None
        contents = {
            "file": own,
            "pixels": pixels,
            "code": coded.content,
            "compact": small.content,
            # In colour, where that fits.
            "repacked": next(each for each in packed.values() if len(each) <= budget),
        }
        for number, (kind, content) in enumerate(contents.items()):
            if kind not in wanted:
                continue
            word = PASSPHRASE if (bits + number) % 3 == 0 else None
            keys = Keys(ring, passphrase_bytes(word)).new()
            own_id = code_id(scheme.model) if kind == "code" else bytes(2)
            container = hiding.embed(cover, Chosen(kind, content), Density(bits), keys, own_id, 1)
            name = f"{kind}-{bits}{'-passphrase' if word else ''}"
            runtime.write_picture(FOLDER / f"container-{name}.png", container, overwrite=True)
            if kind not in FILES:
                picture = revealer.reveal(container, word)
                runtime.write_picture(
                    FOLDER / f"revealed-{kind}-{bits}.png", picture, overwrite=True
                )


def _secrets_to_pack() -> dict[str, bytes]:
    """Writes secret-colour.jpg and secret-grey.jpg."""
    files = {}
    secret = skimage.data.astronaut()[40:104, 170:250]
    for name, picture in (("colour", secret), ("grey", secret[:40, :50, 1])):
        out = io.BytesIO()
        Image.fromarray(picture).save(out, "JPEG", quality=80, optimize=True)
        files[name] = out.getvalue()
        (FOLDER / f"secret-{name}.jpg").write_bytes(files[name])
    return files


def _packed(content: bytes) -> bytes:
    packed = pack(content)
    assert packed is not None
    return packed


if __name__ == "__main__":
    main(sys.argv[1:])
