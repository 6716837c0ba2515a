"""Awkward files, names and folders through the real commands: a clear error each, nothing lost."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support import ROOT, photograph, read, run_module, save

_NO_OVERRIDE = ("--bounding-set", "-dac_override,-dac_read_search")


@pytest.fixture
def cover(tmp_path: Path) -> Path:
    return save(tmp_path / "covers" / "good.png", photograph("astronaut", 40, 48))


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    return save(tmp_path / "secret.png", photograph("rocket", 30, 30))


def hide(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return run_module("runtime", "hide", *arguments)


def reveal(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return run_module("runtime", "reveal", *arguments)


def tree(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_what_is_no_file_is_named_and_not_waited_for(cover: Path, secret: Path, tmp_path: Path):
    covers = cover.parent
    os.mkfifo(covers / "pipe.png")
    (covers / "zero.png").symlink_to("/dev/zero")
    (covers / "circle.png").symlink_to(covers / "circle.png")
    (covers / "nowhere.png").symlink_to(covers / "nothing")
    (covers / "above").symlink_to(covers.parent / "covers")
    (covers / "empty.png").touch()
    with (covers / "huge.png").open("wb") as file:
        file.truncate(1 << 40)
    save(covers / "folder.png" / "inside.png", photograph("coffee", 32, 32))
    for made in (hide(covers, secret, "-o", tmp_path / "out"), reveal(covers, "-o", tmp_path)):
        assert made.returncode == 1
        for name, said in (
            ("pipe.png", "is a pipe, a socket or a device"),
            ("zero.png", "is a pipe, a socket or a device"),
            ("circle.png", "cannot be read: Too many levels of symbolic links"),
            ("nowhere.png", "cannot be read: No such file"),
            ("empty.png", "is empty"),
            ("huge.png", "has 1,099,511,627,776 bytes; --max-megapixels"),
        ):
            assert f"error: {covers / name}: {said}" in made.stderr
        assert "Traceback" not in made.stderr
    assert tree(tmp_path / "out") == ["folder.png/inside.png", "good.png"]


def test_pipes_and_devices_by_name_are_wrong_usage(cover: Path, secret: Path, tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.png")
    for given in (tmp_path / "pipe.png", Path("/dev/zero")):
        for pair in ((given, secret), (cover, given)):
            made = hide(*pair, "-o", tmp_path / "out")
            assert made.returncode == 2
            assert f"{given} is a pipe, a socket or a device" in made.stderr
    assert not (tmp_path / "out").exists()


def test_standard_input_without_end_is_not_read_for_ever(secret: Path, tmp_path: Path):
    with Path("/dev/zero").open("rb") as endless:
        made = subprocess.run(
            [
                *(sys.executable, "-m", "runtime.hide", "-", str(secret)),
                *("-o", str(tmp_path / "out.png"), "--max-megapixels", "1"),
            ],
            stdin=endless, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    assert made.returncode == 1
    assert "standard input: has more than 75,108,864 bytes" in made.stderr
    assert not (tmp_path / "out.png").exists()


def test_names_of_255_bytes(cover: Path, secret: Path, tmp_path: Path):
    longest = "画" * 83 + "ab"
    shutil.copy(cover, cover.parent / f"{longest}.png")
    for _ in range(2):  # where all already exists, nothing fails either
        made = hide(cover.parent, secret, "-o", tmp_path / "out", "--skip-existing")
        assert made.returncode == 0, made.stderr
    assert reveal(tmp_path / "out", "-o", tmp_path / "revealed").returncode == 0
    assert tree(tmp_path / "revealed") == ["good.png", f"{longest}.png"]
    for option in ("--skip-existing", "--overwrite"):
        made = hide(cover.parent, secret, "-o", tmp_path / "tiff", "--format", "tiff", option)
        assert made.returncode == 1
        assert f"{longest}.tiff: cannot be written: File name too long" in made.stderr
        assert tree(tmp_path / "tiff") == ["good.tiff"]


def test_names_too_long_to_be_given(cover: Path, secret: Path, tmp_path: Path):
    long = tmp_path / ("x" * 300 + ".png")
    for arguments in ((long, secret, "-o", tmp_path / "out"), (cover, long, "-o", tmp_path)):
        made = hide(*arguments)
        assert made.returncode == 2
        assert f"there is no file or folder {long}" in made.stderr
    made = hide(cover, secret, "-o", long)
    assert made.returncode == 1
    assert f"{long}: cannot be written: File name too long" in made.stderr


def test_names_that_are_no_text(cover: Path, secret: Path, tmp_path: Path):
    name = os.fsdecode(b"caf\xe9 \xff\n.png")
    try:
        shutil.copy(cover, cover.parent / name)
    except OSError:
        pytest.skip("this file system has only names that are text")
    planned = subprocess.run(
        [
            *(sys.executable, "-m", "runtime.hide", str(cover.parent), str(secret)),
            *("-o", str(tmp_path / "out"), "--dry-run"),
        ],
        cwd=ROOT, capture_output=True, check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"},
    )  # fmt: skip
    assert planned.returncode == 0, planned.stderr
    assert b"caf\xe9 \xff\n.png" in planned.stdout
    made = hide(cover.parent, secret, "-o", tmp_path / "out", "--json")
    assert made.returncode == 0, made.stderr
    containers = {json.loads(line)["container"] for line in made.stdout.splitlines()}
    assert containers == {str(tmp_path / "out" / n) for n in (name, "good.png")}
    revealed = reveal(tmp_path / "out", "-o", tmp_path / "revealed")
    assert revealed.returncode == 0, revealed.stderr
    assert tree(tmp_path / "revealed") == sorted([name, "good.png"])


def test_a_folder_where_a_file_should_come(cover: Path, secret: Path, tmp_path: Path):
    inside = save(tmp_path / "out" / "good.png" / "kept.png", photograph("coffee", 20, 20))
    save(cover.parent / "other.png", photograph("coffee", 40, 40))
    before = inside.read_bytes()
    for options, said in (
        ([], "already exists"),
        (["--skip-existing"], "already exists"),
        (["--overwrite"], "cannot be written: Is a directory"),
    ):
        made = hide(cover.parent, secret, "-o", tmp_path / "out", *options)
        assert made.returncode == 1
        assert f"{tmp_path / 'out' / 'good.png'}: {said}" in made.stderr
        assert "Traceback" not in made.stderr
    assert inside.read_bytes() == before
    assert tree(tmp_path / "out") == ["good.png/kept.png", "other.png"]


def test_a_full_disk_keeps_what_was_to_be_replaced(cover: Path, secret: Path, tmp_path: Path):
    out = tmp_path / "out" / "good.png"
    save(out, np.zeros((4, 4, 3), np.uint8))
    before = out.read_bytes()
    code = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "from runtime.hide import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    made = subprocess.run(
        [sys.executable, "-c", code, cover, secret, "-o", out, "--overwrite"],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert made.returncode == 1
    assert f"{out}: cannot be written: File too large" in made.stderr
    assert out.read_bytes() == before
    assert tree(tmp_path / "out") == ["good.png"]


@pytest.mark.skipif(
    os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may read and write anywhere"
)
def test_folders_and_files_without_permission(cover: Path, secret: Path, tmp_path: Path):
    locked = save(cover.parent / "locked.png", photograph("coffee", 20, 20))
    locked.chmod(0o000)
    (tmp_path / "read-only").mkdir(mode=0o500)
    (cover.parent.parent / "closed").mkdir(mode=0o000)
    prefix = ["setpriv", *_NO_OVERRIDE] if os.geteuid() == 0 else []

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [*prefix, sys.executable, "-m", "runtime.hide", *map(str, arguments)]
        return subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
        )

    try:
        made = run(cover.parent, secret, "-o", tmp_path / "out")
        assert made.returncode == 1
        assert f"{locked}: cannot be read: Permission denied" in made.stderr
        assert tree(tmp_path / "out") == ["good.png"]
        made = run(cover, secret, "-o", tmp_path / "read-only")
        assert made.returncode == 1
        assert "read-only/good.png: cannot be written: Permission denied" in made.stderr
        made = run(tmp_path / "closed", secret, "-o", tmp_path / "out")
        assert made.returncode == 2
        assert "closed cannot be listed: Permission denied" in made.stderr
        assert "Traceback" not in made.stderr
    finally:
        (tmp_path / "closed").chmod(0o700)
    assert read(cover).shape == (40, 48, 3)


def test_what_a_killed_run_left_is_removed_but_not_what_is_being_written(
    cover: Path, secret: Path, tmp_path: Path
):
    out = tmp_path / "out"
    out.mkdir()
    left, busy = (out / f".plainsight-{digit * 16}.partial" for digit in "01")
    for path in (left, busy):
        path.write_bytes(b"half a file")
    with busy.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        made = hide(cover.parent, secret, "-o", out)
    assert made.returncode == 0, made.stderr
    assert tree(out) == [busy.name, "good.png"]
    assert hide(cover.parent, secret, "-o", out, "--skip-existing").returncode == 0
    assert tree(out) == ["good.png"]
