"""Files that decoders read wrongly, or that take them far more memory than they are worth."""

from __future__ import annotations

import io
import json
import lzma
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio
from support import photograph, read, run_module, run_python, save

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


# -- files that ask for far more than they are worth --


def tiff_with_two_sizes() -> bytes:
    """A second size tag, which some decoders go by: 16 x 16 first, then 20,000 x 20,000."""
    side = 20_000
    packed = zlib.compress(bytes(side * side), 9)
    tags = [
        *((256, 16), (256, side), (257, 16), (257, side), (258, 8), (259, 8), (262, 1)),
        *((273, 8), (277, 1), (278, side), (279, len(packed))),
    ]
    directory = struct.pack("<H", len(tags))
    directory += b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<I", 8 + len(packed)) + packed + directory + bytes(4)


def tiff_of_one_strip(compression: int, strip: bytes, **more: int) -> bytes:
    """A grey TIFF of 64 x 64 pixels with a strip that unpacks to much more."""
    tags = {256: 64, 257: 64, 258: 8, 259: compression, 262: 1, 273: 8, 277: 1, 278: 64}
    tags |= {279: len(strip)} | {int(tag[1:]): value for tag, value in more.items()}
    directory = struct.pack("<H", len(tags))
    directory += b"".join(struct.pack("<HHII", tag, 4, 1, tags[tag]) for tag in sorted(tags))
    return b"II*\0" + struct.pack("<I", 8 + len(strip)) + strip + directory + bytes(4)


def avif_with_a_false_size() -> bytes:
    """16 x 16 pixels, says the file; 2,500 x 2,500, says the stream inside."""
    file = io.BytesIO()
    Image.new("RGB", (2500, 2500), "teal").save(file, "AVIF", speed=10)
    said = b"ispe" + bytes(4) + struct.pack(">II", 2500, 2500)
    assert said in file.getvalue()
    return file.getvalue().replace(said, said[:8] + struct.pack(">II", 16, 16))


def jpeg_of_many_scans() -> bytes:
    """A progressive picture of one megapixel, whose last scan is there 4,000 times."""
    file = io.BytesIO()
    Image.new("RGB", (1000, 1000), "teal").save(file, "JPEG", progressive=True)
    content = file.getvalue()
    last = content.rindex(b"\xff\xda")
    return content[:last] + content[last:-2] * 4000 + b"\xff\xd9"


def webp_with_a_false_size() -> bytes:
    """16 x 16 pixels, says the first chunk; 4,000 x 4,000, says the picture's."""
    file = io.BytesIO()
    Image.new("RGB", (4000, 4000), "teal").save(file, "WEBP", lossless=True)
    first = b"VP8X" + struct.pack("<I4x", 10) + (15).to_bytes(3, "little") * 2
    body = b"WEBP" + first + file.getvalue()[12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


BOMBS = {
    "two-sizes.tif": tiff_with_two_sizes,
    "deflate.tif": lambda: tiff_of_one_strip(8, zlib.compress(bytes(1 << 28), 9)),
    "lzma.tif": lambda: tiff_of_one_strip(34925, lzma.compress(bytes(1 << 28))),
    "tile.tif": lambda: tiff_of_one_strip(8, b"", _322=60_000, _323=60_000, _324=8, _325=8),
    "samples.tif": lambda: tiff_of_one_strip(8, b"", _277=65_535),
    "false-size.avif": avif_with_a_false_size,
    "false-size.webp": webp_with_a_false_size,
    "scans.jpg": jpeg_of_many_scans,
    "profile.png": lambda: png_with_a_profile(zlib.compress(bytes(1 << 28), 9)),
}


def png_with_a_profile(packed: bytes) -> bytes:
    rows = zlib.compress(bytes(48 * 65))
    return _png(
        _chunk(b"iCCP", b"icc\0\0" + packed),
        _chunk(b"PLTE", bytes(768)),
        _chunk(b"IDAT", rows),
        _chunk(b"IEND", b""),
    )


RUN = """
import json, re, sys, time
import runtime.hide, runtime.reveal
for command, *arguments in json.loads(sys.argv[1]):
    start = time.perf_counter()
    code = getattr(runtime, command).main(arguments)
    print(code, time.perf_counter() - start)
# Not getrusage: a child's peak begins with what the tests' own process had.
print(int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]) >> 10)
"""


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="needs Linux's /proc")
@pytest.mark.parametrize("name", BOMBS)
def test_a_small_file_takes_neither_much_memory_nor_long(tmp_path: Path, name: str):
    bomb, good = tmp_path / name, save(tmp_path / "good.png", photograph("coffee", 64, 64))
    bomb.write_bytes(BOMBS[name]())
    out, limit = tmp_path / "out", ("--max-megapixels", "1", "-q", "--overwrite")
    commands = [
        ("hide", bomb, good, "-o", out, *limit),
        ("hide", good, bomb, "-o", out, *limit),
        ("reveal", bomb, "-o", out, *limit),
    ]
    made = run_python(RUN, json.dumps([list(map(str, command)) for command in commands]))
    *each, mebibytes = made.stdout.splitlines()
    assert int(mebibytes) < 600
    codes = [line.split()[0] for line in each]
    # Where only what comes with the picture is large, the picture is read.
    harmless = name in ("lzma.tif", "profile.png")
    assert codes == (["0", "0", "1"] if harmless else ["1", "1", "1"]), made.stderr
    assert max(float(line.split()[1]) for line in each) < 5
    errors = [line for line in made.stderr.splitlines() if not line.startswith("warning: ")]
    assert len(errors) == codes.count("1"), made.stderr
    assert all(line.startswith(f"error: {bomb}: ") for line in errors)


# -- damaged inside --


def damaged(format_: str, **options) -> bytes:
    """A picture of which 400 bytes in the middle are zero."""
    file = io.BytesIO()
    Image.fromarray(photograph("astronaut", 256, 256)).save(file, format_, **options)
    content = bytearray(file.getvalue())
    middle = len(content) // 2
    content[middle : middle + 400] = bytes(400)
    return bytes(content)


DAMAGED = {
    "sequential.jpg": ("JPEG", {"quality": 75}),
    "progressive.jpg": ("JPEG", {"quality": 90, "progressive": True}),
    "restarts.jpg": ("JPEG", {"quality": 90, "restart_marker_rows": 1}),
    "lzw.tif": ("TIFF", {"compression": "tiff_lzw"}),
    "deflate.tif": ("TIFF", {"compression": "tiff_adobe_deflate"}),
    "png.png": ("PNG", {}),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_inside_is_an_error_and_a_note_where_accepted(tmp_path: Path, name: str):
    cover, secret = tmp_path / name, save(tmp_path / "secret.png", photograph("coffee", 40, 40))
    format_, options = DAMAGED[name]
    cover.write_bytes(damaged(format_, **options))
    out = tmp_path / "out"
    made = run_module("runtime.hide", cover, secret, "-o", out, "-q")
    assert made.returncode == 1
    (line,) = made.stderr.splitlines()
    assert line.startswith(f"error: {cover}: is ") and "damaged" in line
    made = run_module("runtime.hide", cover, secret, "-o", out, "--accept-damaged")
    if format_ == "PNG":
        assert made.returncode == 1  # its decoder cannot go on after the damage
        return
    assert made.returncode == 0, made.stderr
    assert f"warning: {cover}: it is damaged inside (" in made.stderr
    (result,) = runtime.hide_folder(cover, secret, tmp_path / "no")
    assert isinstance(result.error, runtime.UnreadableError)
    (result,) = runtime.hide_folder(cover, secret, tmp_path / "yes", accept_damaged=True)
    assert result.error is None


def test_bytes_between_tables_are_no_damage_to_a_jpeg():
    file = io.BytesIO()
    Image.fromarray(photograph("astronaut", 64, 64)).save(file, "JPEG")
    content = file.getvalue()
    place = content.index(b"\xff\xdb")
    junk = content[:place] + b"junk" + content[place:]
    assert np.array_equal(decode(junk).pixels, decode(content).pixels)


def test_libraries_print_nothing_of_their_own(tmp_path: Path):
    """A PNG whose checksums are right, and whose rows are filtered in a way that there is not."""
    rows = zlib.compress(b"\x09" + bytes(64) * 48 + bytes(47))
    content = _png(_chunk(b"PLTE", bytes(768)), _chunk(b"IDAT", rows), _chunk(b"IEND", b""))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "filter.png").write_bytes(content)
    (tmp_path / "in" / "damaged.jpg").write_bytes(damaged("JPEG", quality=75))
    (tmp_path / "in" / "damaged.tif").write_bytes(damaged("TIFF", compression="tiff_lzw"))
    secret = save(tmp_path / "secret.png", photograph("coffee", 40, 40))
    made = run_module("runtime.hide", tmp_path / "in", secret, "-o", tmp_path / "out", "-q")
    assert made.returncode == 1
    lines = made.stderr.splitlines()
    assert len(lines) == 3, lines
    assert all(line.startswith(f"error: {tmp_path / 'in'}") for line in lines), lines
