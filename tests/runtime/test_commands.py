"""`python -m runtime.hide` and `python -m runtime.reveal`, as users run them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio
from support import ROOT, photograph, read, run_module, save


def hide(*arguments: str | Path, **settings):
    return run_module("runtime.hide", *arguments, **settings)


def reveal(*arguments: str | Path, **settings):
    return run_module("runtime.reveal", *arguments, **settings)


def tree(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_folder_of_covers_and_folder_of_secrets(photographs: Path, tmp_path: Path):
    made = hide(photographs / "covers", photographs / "secrets", "-o", tmp_path / "containers")
    assert made.returncode == 0, made.stderr
    assert "names differ, so secrets are taken in sorted order" in made.stderr
    assert "3 of 3 hidden" in made.stderr
    assert "model clear on " in made.stderr
    back = reveal(tmp_path / "containers", "-o", tmp_path / "revealed")
    assert back.returncode == 0, back.stderr
    names = ["astronaut.png", "chelsea.png", "coffee.png"]
    assert tree(tmp_path / "containers") == tree(tmp_path / "revealed") == names
    for name in names:
        cover = read(photographs / "covers" / name)
        container = read(tmp_path / "containers" / name)
        assert peak_signal_noise_ratio(cover, container) > 45
        assert read(tmp_path / "revealed" / name).shape == (160, 120, 3)


def test_classic(photographs: Path, tmp_path: Path):
    classic = ("--model", "classic")
    covers, out = photographs / "covers", tmp_path / "out"
    assert hide(covers, photographs / "secrets", "-o", out, *classic).returncode == 0
    assert reveal(out, "-o", tmp_path / "revealed", *classic).returncode == 0
    assert peak_signal_noise_ratio(read(covers / "coffee.png"), read(out / "coffee.png")) > 30
    assert read(tmp_path / "revealed" / "coffee.png").shape == read(covers / "coffee.png").shape
    made = reveal(out, "-o", tmp_path / "none")
    assert made.returncode == 1 and "made by classic needs --model" in made.stderr


def test_one_secret_in_every_cover(photographs: Path, tmp_path: Path):
    secret = photographs / "secrets" / "secret-coffee.png"
    made = hide(photographs / "covers", secret, "-o", tmp_path / "out")
    assert made.returncode == 0, made.stderr
    assert f"{secret} in every cover" in made.stderr
    assert len(tree(tmp_path / "out")) == 3


def test_pairs_are_matched_by_relative_name(photographs: Path, tmp_path: Path):
    for name, other in (("astronaut", "rocket"), ("chelsea", "coffee"), ("coffee", "chelsea")):
        save(photographs / "named" / f"{name}.jpg", photograph(other, 50, 50))
    made = hide(photographs / "covers", photographs / "named", "-o", tmp_path / "out")
    assert made.returncode == 0, made.stderr
    assert "matched by relative name" in made.stderr
    for name in ("astronaut", "chelsea", "coffee"):
        assert f"named/{name}.jpg -> {photographs}/covers/{name}.png" in made.stderr


def test_fewer_secrets_repeat_and_more_are_said_to_be_left_over(photographs: Path, tmp_path: Path):
    two = photographs / "two"
    for name in ("a", "b"):
        save(two / f"{name}.png", photograph("rocket", 30, 30))
    made = hide(photographs / "covers", two, "-o", tmp_path / "out")
    assert made.returncode == 0
    assert "2 of them repeat" in made.stderr
    made = hide(two, photographs / "secrets", "-o", tmp_path / "out2")
    assert made.returncode == 0
    assert "the last 1 are not hidden" in made.stderr


def test_output_mirrors_the_tree_and_tells_same_names_apart(tmp_path: Path):
    covers = tmp_path / "covers"
    for path in ("a.png", "a.jpg", "deep/er/b.bmp", ".hidden/c.png", "deep/.d.png"):
        save(covers / path, photograph("coffee", 40, 40))
    (covers / "notes.txt").write_text("not a picture")
    secret = save(tmp_path / "secret.png", photograph("rocket", 40, 40))
    made = hide(covers, secret, "-o", tmp_path / "out")
    assert made.returncode == 0, made.stderr
    assert tree(tmp_path / "out") == ["a.jpg.png", "a.png.png", "deep/er/b.png"]


def test_names_that_stay_alike_are_numbered(tmp_path: Path):
    for path in ("a.png", "a.jpg", "a.jpg.bmp"):
        save(tmp_path / "covers" / path, photograph("coffee", 20, 20))
    secret = save(tmp_path / "secret.png", photograph("rocket", 20, 20))
    made = hide(tmp_path / "covers", secret, "-o", tmp_path / "out")
    assert made.returncode == 0, made.stderr
    assert tree(tmp_path / "out") == ["a.jpg-2.png", "a.jpg.png", "a.png.png"]


def test_output_inside_the_input_is_not_taken_for_input(photographs: Path):
    covers = photographs / "covers"
    secret = photographs / "secrets" / "secret-coffee.png"
    for _ in range(2):
        made = hide(covers, secret, "-o", covers / "hidden", "--overwrite")
        assert "3 of 3 hidden" in made.stderr


def test_a_single_file_to_a_named_file(photographs: Path, tmp_path: Path):
    cover = photographs / "covers" / "coffee.png"
    secret = photographs / "secrets" / "secret-rocket.png"
    out = tmp_path / "new folder" / "ünïcode 画.PNG"
    assert hide(cover, secret, "-o", out).returncode == 0
    assert reveal(out, "-o", tmp_path / "revealed").returncode == 0
    assert tree(tmp_path / "revealed") == ["ünïcode 画.png"]


def test_existing_files_are_kept_unless_told_otherwise(photographs: Path, tmp_path: Path):
    out = tmp_path / "out"
    save(out / "chelsea.png", photograph("rocket", 8, 8))
    before = (out / "chelsea.png").read_bytes()
    command = (photographs / "covers", photographs / "secrets", "-o", out)
    made = hide(*command)
    assert made.returncode == 1
    assert "chelsea.png: already exists" in made.stderr and "--overwrite" in made.stderr
    assert (out / "chelsea.png").read_bytes() == before
    assert len(tree(out)) == 3
    assert hide(*command, "--overwrite").returncode == 0
    assert (out / "chelsea.png").read_bytes() != before


@pytest.mark.parametrize("name", ["out.jpg", "out.JPEG", "out.avif"])
def test_formats_with_loss_are_refused(photographs: Path, tmp_path: Path, name: str):
    cover = photographs / "covers" / "coffee.png"
    made = hide(cover, cover, "-o", tmp_path / name)
    assert made.returncode == 2
    assert "PNG, WebP, TIFF and BMP files are" in made.stderr
    assert not (tmp_path / name).exists()


def test_inputs_are_never_overwritten(photographs: Path):
    covers = photographs / "covers"
    before = {name: (covers / name).read_bytes() for name in tree(covers)}
    for command in (
        hide(covers, photographs / "secrets", "-o", covers, "--overwrite"),
        reveal(covers, "-o", covers, "--overwrite"),
    ):
        assert command.returncode == 2
        assert "overwrite an input" in command.stderr
    assert {name: (covers / name).read_bytes() for name in tree(covers)} == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"this is text", "not a picture"),
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "not a picture"),
    ],
)
def test_a_bad_file_is_named_and_the_rest_gets_done(photographs, tmp_path, content, said):
    (photographs / "covers" / "bad.png").write_bytes(content)
    made = hide(photographs / "covers", photographs / "secrets", "-o", tmp_path / "out")
    assert made.returncode == 1
    assert f"bad.png: {said}" in made.stderr or ("bad.png" in made.stderr and said in made.stderr)
    assert "3 of 4 hidden" in made.stderr and "1 failed" in made.stderr
    assert "Traceback" not in made.stderr
    assert tree(tmp_path / "out") == ["astronaut.png", "chelsea.png", "coffee.png"]


def test_a_truncated_jpeg_is_an_error_not_half_a_picture(photographs: Path, tmp_path: Path):
    path = save(photographs / "covers" / "cut.jpg", photograph("coffee"))
    path.write_bytes(path.read_bytes()[:-3000])
    made = hide(photographs / "covers", photographs / "secrets", "-o", tmp_path / "out")
    assert made.returncode == 1
    assert "cut.jpg" in made.stderr
    assert "cut.png" not in tree(tmp_path / "out")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere", "SECRETS"], "there is no file or folder nowhere"),
        (["COVERS", "nowhere"], "there is no file or folder nowhere"),
        (["EMPTY", "SECRETS"], "there are no pictures in"),
        (["COVERS", "SECRETS", "--device", "gpu"], "device must be"),
        (["COVERS", "SECRETS", "--threads", "0"], "threads must be positive"),
        (["COVERS", "SECRETS", "--model", "nope"], "there is no model 'nope'"),
        (["COVERS"], "required"),
    ],
)
def test_usage_errors_are_one_line_and_exit_2(photographs, tmp_path, arguments, said):
    (photographs / "empty").mkdir()
    places = {
        "COVERS": photographs / "covers",
        "SECRETS": photographs / "secrets",
        "EMPTY": photographs / "empty",
    }
    made = hide(*(places.get(word, word) for word in arguments), "-o", tmp_path / "out")
    assert made.returncode == 2
    assert said in made.stderr
    assert "Traceback" not in made.stderr
    assert not (tmp_path / "out").exists()


def test_a_device_that_is_not_there_is_exit_3(photographs: Path, tmp_path: Path):
    made = hide(
        *(photographs / "covers", photographs / "secrets", "-o", tmp_path / "out"),
        *("--device", "cuda:99"),
    )
    assert made.returncode == 3
    assert "plainsight-onnx[gpu]" in made.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission(photographs: Path, tmp_path: Path):
    out = tmp_path / "locked"
    out.mkdir(mode=0o500)
    made = hide(photographs / "covers", photographs / "secrets", "-o", out)
    assert made.returncode == 1
    assert "cannot be written: Permission denied" in made.stderr


def test_an_output_below_a_file_is_a_clear_error(photographs: Path, tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    made = hide(photographs / "covers", photographs / "secrets", "-o", tmp_path / "file" / "out")
    assert made.returncode == 1
    assert "cannot be written: Not a directory" in made.stderr
    assert "Traceback" not in made.stderr
    made = hide(photographs / "covers", photographs / "secrets", "-o", tmp_path / "file")
    assert made.returncode == 2
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_full_disk_leaves_nothing_behind(photographs: Path, tmp_path: Path):
    code = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from runtime.hide import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    made = subprocess.run(
        [
            *(sys.executable, "-c", code, photographs / "covers", photographs / "secrets"),
            *("-o", tmp_path / "out"),
        ],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert made.returncode == 1
    assert made.stderr.count("cannot be written: File too large") == 3
    assert "Traceback" not in made.stderr
    assert tree(tmp_path / "out") == []


def test_exif_orientation_is_applied(tmp_path: Path):
    from PIL import Image

    picture = photograph("coffee", 48, 80)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(picture).save(tmp_path / "turned.jpg", exif=exif, quality=95)
    secret = save(tmp_path / "secret.png", photograph("rocket", 30, 30))
    made = hide(tmp_path / "turned.jpg", secret, "-o", tmp_path / "out.png")
    assert made.returncode == 0, made.stderr
    container = read(tmp_path / "out.png")
    assert container.shape == (80, 48, 3)
    assert peak_signal_noise_ratio(np.rot90(picture, -1), container) > 25


def test_lossy_containers_are_warned_of(tmp_path: Path):
    path = save(tmp_path / "container.jpg", photograph("coffee", 40, 40))
    made = reveal(path, "-o", tmp_path / "out", "--model", "classic")
    assert made.returncode == 0
    assert "lossy JPEG files rarely keep" in made.stderr


def test_ctrl_c_ends_at_once_with_whole_files(tmp_path: Path):
    covers = tmp_path / "covers"
    for number in range(40):
        save(covers / f"{number:02}.png", photograph("coffee"))
    secret = save(tmp_path / "secret.png", photograph("rocket", 60, 60))
    out = tmp_path / "out"
    command = [sys.executable, "-m", "runtime.hide", str(covers), str(secret), "-o", str(out)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while len(list(out.glob("[0-9]*.png"))) < 2:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert 2 <= len(tree(out)) < 40
    assert {read(path).shape for path in out.iterdir()} == {(400, 600, 3)}


def test_the_installed_command(photographs: Path, tmp_path: Path):
    arguments = ("hide", photographs / "covers", photographs / "secrets", "-o", tmp_path / "out")
    assert run_module("runtime", *arguments).returncode == 0
    assert (
        run_module("runtime", "reveal", tmp_path / "out", "-o", tmp_path / "back").returncode == 0
    )
    version = run_module("runtime", "--version")
    assert version.stdout.startswith("plainsight ")
    wrong = run_module("runtime", "hid")
    assert wrong.returncode == 2 and "hide" in wrong.stderr
