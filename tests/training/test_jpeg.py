"""`python -m training.jpeg.fit`, whose tables make JPEG files smaller."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support import photograph, run_module, save

from runtime.payloads.jpeg.contexts import code_all
from runtime.payloads.jpeg.headers import read_headers
from runtime.payloads.jpeg.huffman import decode_scan
from runtime.payloads.jpeg.rans import Reader, Writer
from runtime.payloads.jpeg.tables import BITS, Tables


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    folder = tmp_path_factory.mktemp("photographs")
    for name in ("coffee", "chelsea", "rocket"):
        save(folder / f"{name}.png", photograph(name, 240, 320))
    out = folder.parent / "tables.bin"
    fitted = run_module("training.jpeg.fit", folder, "-o", out, "--every", "1")
    assert fitted.returncode == 0, fitted.stderr
    assert "fitted to 3 photographs" in fitted.stdout
    return Tables.of(out.read_bytes())


def test_fitted_tables_make_a_file_smaller_and_bring_it_back(tables: Tables):
    assert (np.diff(tables.starts, axis=1) > 0).all()
    assert (tables.starts[:, -1] == 1 << BITS).all()
    file = io.BytesIO()
    Image.fromarray(photograph("astronaut", 256, 256)).save(file, "JPEG", quality=85)
    headers = read_headers(file.getvalue())
    scan = decode_scan(file.getvalue(), headers)
    writer = Writer(tables, 16)
    code_all(headers, writer, tables, scan.coefficients)
    states, words, bits = writer.finish()
    assert len(states) + len(words) + len(bits) < 0.9 * scan.size
    reader = Reader(tables, states, words, bits)
    back = code_all(headers, reader, tables, None)
    reader.finish()
    for one, other in zip(back, scan.coefficients, strict=True):
        assert np.array_equal(one, other)


def test_a_wrong_folder_is_reported_in_one_line(tmp_path: Path):
    said = run_module("training.jpeg.fit", tmp_path / "nothing", "-o", tmp_path / "tables.bin")
    assert said.returncode == 2 and said.stderr.startswith("error: ")
    assert len(said.stderr.splitlines()) == 1 and not (tmp_path / "tables.bin").exists()
