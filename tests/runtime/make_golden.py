"""Makes the golden containers of a new format version: python tests/runtime/make_golden.py.

Those of version 1 are committed and must reveal forever: a new version gets a folder of its own.
"""

from __future__ import annotations

from pathlib import Path

import skimage.data

import runtime

FOLDER = Path(__file__).parent / "golden"
PASSPHRASE = "Grüße aus dem Wald"


def main() -> None:
    """Writes container-N.png, container-N-passphrase.png and revealed-N.png for each payload N."""
    cover = skimage.data.coffee()[100:151, 200:269]
    secret = skimage.data.astronaut()[60:111, 180:249]
    for bits in (1, 2, 3):
        hider = runtime.Hider("clear", bits=bits, device="cpu")
        container = hider.hide(cover, secret)
        protected = hider.hide(cover, secret, PASSPHRASE)
        revealed = runtime.Revealer("clear", device="cpu").reveal(container)
        runtime.write_picture(FOLDER / f"container-{bits}.png", container, overwrite=True)
        runtime.write_picture(
            FOLDER / f"container-{bits}-passphrase.png", protected, overwrite=True
        )
        runtime.write_picture(FOLDER / f"revealed-{bits}.png", revealed, overwrite=True)


if __name__ == "__main__":
    main()
