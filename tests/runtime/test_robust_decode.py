"""Files that decoders read wrongly, or that take them far more memory than they are worth."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from skimage.metrics import peak_signal_noise_ratio
from support import photograph, read, run_python

import runtime
from runtime.images.decode import decode


@pytest.fixture(scope="module")
def hider() -> runtime.Hider:
    return runtime.Hider(device="cpu")


@pytest.mark.parametrize("settings", [{}, {"byteorder": ">"}, {"bigtiff": True}])
@pytest.mark.parametrize("kind", ["unassalpha", "assocalpha"])
def test_colours_of_a_tiff_come_without_its_alpha_multiplied(hider, tmp_path, kind, settings):
    picture = photograph("coffee", 64, 80)
    alpha = np.tile(np.arange(80, dtype=np.uint8) * 3, (64, 1))
    file = io.BytesIO()
    multiplied = (picture * (alpha[..., None] / 255)).round().astype(np.uint8)
    samples = np.dstack([multiplied if kind == "assocalpha" else picture, alpha])
    tifffile.imwrite(file, samples, photometric="rgb", extrasamples=[kind], **settings)
    path = tmp_path / "container.png"
    path.write_bytes(hider.hide(file.getvalue(), photograph("rocket", 30, 30)))
    container = read(path)
    assert np.array_equal(container[..., 3], alpha)
    # Where there is little alpha, little is left of colours that were multiplied.
    seen = slice(43 if kind == "assocalpha" else 0, None)
    assert peak_signal_noise_ratio(picture[:, seen], container[:, seen, :3]) > 43


def test_the_oldest_kind_of_bmp_keeps_its_colours():
    picture = photograph("coffee", 40, 44)
    rows = np.ascontiguousarray(picture[::-1, :, ::-1]).tobytes()
    core = struct.pack("<IHHHH", 12, 44, 40, 1, 24) + rows
    content = struct.pack("<2sIHHI", b"BM", 14 + len(core), 0, 0, 26) + core
    assert np.array_equal(decode(content).pixels, picture)


def _chunk(name: bytes, data: bytes, size: int | None = None) -> bytes:
    length = struct.pack(">I", len(data) if size is None else size)
    return length + name + data + struct.pack(">I", zlib.crc32(name + data))


def _png(*after_header: bytes) -> bytes:
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 48, 8, 3, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(after_header)


@pytest.mark.parametrize("name", [b"PLTE", b"tEXt", b"IDAT"])
def test_a_chunk_larger_than_its_file_does_not_take_that_memory(tmp_path: Path, name: bytes):
    path = tmp_path / "bad.png"
    path.write_bytes(_png(_chunk(name, bytes(900), size=3_000_000_000), _chunk(b"IEND", b"")))
    made = run_python(
        "import re, runtime\n"
        f"try: runtime.read_picture({str(path)!r})\n"
        "except runtime.UnreadableError as error: print(error)\n"
        # Not getrusage: a child's peak begins with what the tests' own process had.
        "status = open('/proc/self/status').read()\n"
        "print(int(re.search(r'VmHWM:\\s+(\\d+)', status)[1]) >> 10)\n"
    )
    said, mebibytes = made.stdout.splitlines()
    assert f"{path}: is not a picture of a supported format, or is damaged" in said
    assert int(mebibytes) < 500


def test_16_bits_become_the_nearest_8(tmp_path: Path):
    values = np.arange(65_536, dtype=np.uint16).reshape(256, 256)
    path = tmp_path / "deep.tiff"
    tifffile.imwrite(path, np.dstack([values, values.T, values[::-1]]), photometric="rgb")
    picture = runtime.read_picture(path)
    wanted = np.round(values / 257.0).astype(np.uint8)
    assert np.array_equal(picture, np.dstack([wanted, wanted.T, wanted[::-1]]))


@pytest.mark.parametrize("settings", [{}, {"tile": (32, 32)}, {"compression": "zlib"}])
def test_a_tiff_that_lacks_a_plane_is_refused(settings):
    planes = np.ascontiguousarray(photograph("coffee", 64, 64).transpose(2, 0, 1))
    file = io.BytesIO()
    tifffile.imwrite(file, planes, photometric="rgb", planarconfig="separate", **settings)
    whole = decode(file.getvalue())
    assert np.array_equal(whole.pixels, planes.transpose(1, 2, 0))
    for share in (0.5, 0.75, 0.95):
        with pytest.raises(runtime.UnreadableError):
            decode(file.getvalue()[: int(share * len(file.getvalue()))])


def test_a_tiff_that_points_beyond_any_file_is_refused():
    for offset in (2**63, 2**64 - 1):
        content = b"II+\0" + struct.pack("<HHQ", 8, 0, offset) + bytes(64)
        with pytest.raises(runtime.UnreadableError, match="damaged"):
            decode(content)


@pytest.mark.parametrize(("bits", "compression"), [(8, 1), (4, 2)])
def test_a_small_bmp_of_runs_is_no_large_picture(bits, compression):
    size = 40, 500_000, 48, 1, bits, compression, 2000, 0, 0, 0, 0
    palette = bytes(4 << bits)
    head = struct.pack("<2sIHHI", b"BM", 54 + len(palette) + 2000, 0, 0, 54 + len(palette))
    content = head + struct.pack("<IiiHHIIiiII", *size) + palette + b"\0\0" * 999 + b"\0\1"
    with pytest.raises(runtime.UnreadableError, match="damaged"):
        decode(content)
