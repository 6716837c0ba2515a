"""Makes the golden containers anew: python tests/runtime/make_golden.py.

Only when the format changes: containers made before then no longer reveal, so raise the version in
the header with it.
"""

from __future__ import annotations

from pathlib import Path

import skimage.data

import runtime
from runtime._pictures import write_png

FOLDER = Path(__file__).parent / "golden"


def main() -> None:
    """Writes container-N.png and revealed-N.png for each payload N."""
    cover = skimage.data.coffee()[100:151, 200:269]
    secret = skimage.data.astronaut()[60:111, 180:249]
    for bits in (1, 2, 3):
        container = runtime.Hider("clear", bits=bits, device="cpu").hide(cover, secret)
        revealed = runtime.Revealer("clear", device="cpu").reveal(container)
        write_png(FOLDER / f"container-{bits}.png", container, overwrite=True)
        write_png(FOLDER / f"revealed-{bits}.png", revealed, overwrite=True)


if __name__ == "__main__":
    main()
