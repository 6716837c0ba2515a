"""Makes the golden containers anew: PYTHONPATH=. python tests/clear/make_golden.py.

Only when the format changes: containers made before then no longer reveal, so raise the format
version with it.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort
from skimage import data

from export.clear.hide import build_hide
from codec import blocks
from codec.codec import Codec, extract
from codec.tables import Tables

FOLDER = Path(__file__).parent / "golden"
TABLES = Path(__file__).parents[2] / "models" / "clear" / "tables.npz"


def main() -> None:
    """Writes container-N.png and revealed-N.png for each payload N."""
    tables = Tables.load(TABLES)
    graph = build_hide(tables).SerializeToString()
    hide = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    picture = np.asarray(data.astronaut(), np.uint8)
    cover, secret = picture[300:351, 40:109], picture[60:111, 180:249]
    header = np.arange(blocks.USER_BYTES, dtype=np.uint8)[None]
    pad = np.zeros_like(cover)
    for bits in (1, 2, 3):
        inputs = {"cover": cover[None], "secret": secret[None], "pad": pad[None]}
        (made,) = hide.run(None, {**inputs, "header": header, "bits": np.array(bits, np.int64)})
        words = extract(made[0], pad, bits)
        codec = Codec(tables)
        code, _, intact = codec.decode(words, *cover.shape[:2])
        assert intact
        revealed = codec.reconstruct(code, *cover.shape[:2])
        cv2.imwrite(str(FOLDER / f"container-{bits}.png"), made[0][..., ::-1])
        cv2.imwrite(str(FOLDER / f"revealed-{bits}.png"), revealed[..., ::-1])


if __name__ == "__main__":
    main()
