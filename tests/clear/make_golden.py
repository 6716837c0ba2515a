"""Makes the golden containers again: PYTHONPATH=. python tests/clear/make_golden.py.

Needed only when the format changes. Older containers can then no longer be revealed, so raise the
format version, too.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort
from skimage import data

from codec.codec import Codec
from codec.tables import Tables
from codec.words import USER_BYTES
from export.clear.carrier import extract
from export.clear.hide import build_hide

FOLDER = Path(__file__).parent / "golden"
TABLES = Path(__file__).parents[2] / "models" / "clear" / "tables.npz"


def main() -> None:
    """Writes container-N.png and revealed-N.png for N bits per sample."""
    tables = Tables.load(TABLES)
    graph = build_hide(tables).SerializeToString()
    hide = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    picture = np.asarray(data.astronaut(), np.uint8)
    cover, secret = picture[300:351, 40:109], picture[60:111, 180:249]
    header = np.arange(USER_BYTES, dtype=np.uint8)[None]
    pad = np.zeros_like(cover)
    for bits in (1, 2, 3):
        inputs = {"cover": cover[None], "secret": secret[None], "pad": pad[None]}
        (container,) = hide.run(
            None, {**inputs, "header": header, "bits": np.array(bits, np.int64)}
        )
        words = extract(container[0], pad, bits)
        codec = Codec(tables)
        tile, _, intact = codec.decode(words, *cover.shape[:2])
        assert intact
        revealed = codec.reconstruct(tile, *cover.shape[:2])
        cv2.imwrite(str(FOLDER / f"container-{bits}.png"), container[0][..., ::-1])
        cv2.imwrite(str(FOLDER / f"revealed-{bits}.png"), revealed[..., ::-1])


if __name__ == "__main__":
    main()
