"""What one picture takes from a core, the network and the store, measured in one worker."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import mean
from typing import Any

import cv2

from benchmarks.cluster.memory import pixels
from runtime.batch.options import BatchOptions
from runtime.distributed.settings import PassphraseSource, Row, Settings
from runtime.distributed.work import Work
from runtime.engine.models import DEFAULT

_STAGES = ("decode", "network", "encode")


def measure(pictures: int = 12, megapixels: float = 2.0) -> dict[str, Any]:
    """Processor seconds and bytes of a picture, for hide and for reveal, with one thread."""
    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    with tempfile.TemporaryDirectory(prefix="cluster-") as name:
        folder = Path(name)
        for what, photograph in (("cover", "rocket"), ("secret", "coffee")):
            # Photographs as cameras save them, at about 2 bits per pixel and more.
            picture = cv2.GaussianBlur(pixels(height, height * 4 // 3, photograph), (0, 0), 0.8)
            cv2.imwrite(str(folder / f"{what}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 90])
        hide = [
            Row(n, f"{folder}/cover.jpg", f"{folder}/secret.jpg", f"{folder}/out-{n}.png")
            for n in range(pictures)
        ]
        reveal = [
            Row(n, f"{folder}/out-{n}.png", "", f"{folder}/back-{n}.*") for n in range(pictures)
        ]
        return {
            "megapixels": megapixels,
            "pictures": pictures,
            "hide": _rate("hide", hide),
            "reveal": _rate("reveal", reveal),
        }


def _rate(command: str, rows: list[Row]) -> dict[str, Any]:
    work = Work(_settings(command), None)
    work.do(rows[0], look=False)  # which is not counted
    start = time.process_time()
    records = [work.do(row, look=False) for row in rows[1:]]
    seconds = (time.process_time() - start) / len(records)
    assert all(record["status"] == "done" for record in records), records
    row, paths = rows[-1], Path(rows[-1].source).parent
    read = [Path(place).stat().st_size for place in (row.source, row.secret) if place]
    (written,) = paths.glob(Path(row.target).name)
    stages = {name: mean(record["seconds"][name] for record in records) for name in _STAGES}
    total = sum(stages.values())
    return {
        "processor_seconds": round(seconds, 4),
        "share": {name: round(value / total, 3) for name, value in stages.items()},
        "payload": records[-1]["payload"]["kind"],
        "bytes_read": sum(read),
        "bytes_written": written.stat().st_size,
        "gets": len(read),
        "puts": 1,
    }


def _settings(command: str) -> Settings:
    return Settings(
        command=command,
        model=DEFAULT,
        device="cpu",
        threads=1,
        at_once=1,
        memory=8 << 30,
        files=BatchOptions(),
        options={},
        share_salt=True,
        verify=False,
        search=True,
        one_secret=False,
        passphrase=PassphraseSource(),
    )
