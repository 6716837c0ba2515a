"""What a worker does, without a cluster."""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import pytest
from support import photograph, read, save

pytest.importorskip("pyarrow", reason="the extra [ray] is not installed")
from pyarrow import parquet

from runtime.distributed.options import configure_hide, configure_reveal, settings_of
from runtime.distributed.report import Report
from runtime.distributed.settings import Row
from runtime.distributed.work import Work
from runtime.images.metrics import psnr

_MEMORY = 2 << 30


def work(command: str, *arguments: str | Path) -> Work:
    """A worker of a command with such options."""
    parser = argparse.ArgumentParser()
    {"hide": configure_hide, "reveal": configure_reveal}[command](parser)
    options = parser.parse_args(list(map(str, arguments)))
    return Work(settings_of(options, command, _MEMORY, one_secret=False), None)


@pytest.mark.parametrize(
    ("more", "extension"),
    [
        (("clear",), "png"),
        (("quiet", "--payload", "0.1"), "png"),
        (
            (
                "robust",
                "--strength",
                "max",
                "--effort",
                "low",
                "--fit",
                "224",
                "--verify-through",
                "jpeg:85",
            ),
            "jpg",
        ),
    ],
)
def test_reveal_needs_no_option(tmp_path: Path, more: tuple[str, ...], extension: str):
    places = [tmp_path / name for name in ("cover.png", "secret.png", f"made.{extension}")]
    secret = photograph("rocket", 160, 200)
    save(places[0], photograph("coffee", 256, 280))
    save(places[1], secret)
    hider = work("hide", *places[:2], "-o", tmp_path, "--model", *more)
    made = hider.do(Row(0, *map(str, places)), look=False)
    assert made["status"] == "done" and made["model"] == more[0], made
    report = Report(str(tmp_path / "report.parquet"), "hide")
    report.add(made)
    report.close()
    (row,) = parquet.read_table(tmp_path / "report.parquet").to_pylist()
    assert row["payload_rate"] == ("0.1" if more[0] == "quiet" else None)
    assert row["keep_size"] == (False if more[0] == "quiet" else None)
    if more[0] == "robust":
        assert made["width"] == 224 and made["psnr"]["revealed"] > 20
        smaller = cv2.resize(read(places[2]), None, fx=0.9, fy=0.9, interpolation=cv2.INTER_AREA)
        save(places[2].with_suffix(".png"), smaller)
        places[2] = places[2].with_suffix(".png")
    reveal = work("reveal", places[2], "-o", tmp_path)
    back = reveal.do(Row(0, str(places[2]), "", str(tmp_path / "back.png")), look=False)
    assert back["status"] == "done" and back["model"] == more[0], back
    assert psnr(secret, read(tmp_path / "back.png")) > 20
    fixed = work("reveal", places[2], "-o", tmp_path, "--no-search")
    again = fixed.do(Row(0, str(places[2]), "", str(tmp_path / "again.png")), look=False)
    assert (again["status"] == "done") == (more[0] != "robust")
