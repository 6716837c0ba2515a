"""What the commands' options do, and what they print, through the real command line."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support import ROOT, photograph, read, run_module, save


def hide(*arguments: str | Path, **settings):
    return run_module("runtime.hide", *arguments, **settings)


def reveal(*arguments: str | Path, **settings):
    return run_module("runtime.reveal", *arguments, **settings)


def objects(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def pair(photographs: Path) -> tuple[Path, Path]:
    return photographs / "covers", photographs / "secrets" / "secret-coffee.png"


def test_skip_existing_finishes_what_is_left(pair, tmp_path: Path):
    out = tmp_path / "out"
    assert hide(*pair, "-o", out, "--limit", "1").returncode == 0
    assert names(out) == ["astronaut.png"]
    before = (out / "astronaut.png").read_bytes()
    made = hide(*pair, "-o", out, "--skip-existing")
    assert made.returncode == 0, made.stderr
    assert "2 of 3 hidden" in made.stderr and "1 already existed" in made.stderr
    assert (out / "astronaut.png").read_bytes() == before
    assert len(names(out)) == 3
    both = hide(*pair, "-o", out, "--skip-existing", "--overwrite")
    assert both.returncode == 2


def test_dry_run_says_what_would_be_done_and_does_nothing(pair, tmp_path: Path):
    covers, secret = pair
    made = hide(covers, secret, "-o", tmp_path / "out", "--dry-run")
    assert made.returncode == 0
    assert (
        f"{secret} -> {covers / 'coffee.png'} -> {tmp_path / 'out' / 'coffee.png'}" in made.stdout
    )
    assert "3 would be hidden" in made.stderr
    made = hide(covers, secret, "-o", tmp_path / "out", "--dry-run", "--json")
    assert [o["status"] for o in objects(made.stdout)] == ["planned"] * 3
    made = reveal(covers, "-o", tmp_path / "out", "--dry-run")
    assert "3 would be revealed" in made.stderr and len(made.stdout.splitlines()) == 3
    assert not (tmp_path / "out").exists()


def test_fail_fast_begins_nothing_more(pair, tmp_path: Path):
    covers, secret = pair
    (covers / "a.png").write_text("text")
    for number in range(12):
        save(covers / f"z{number:02}.png", photograph("rocket", 300, 300))
    made = hide(covers, secret, "-o", tmp_path / "out", "--fail-fast")
    assert made.returncode == 1
    assert "--fail-fast" in made.stderr and "not started" in made.stderr
    assert len(names(tmp_path / "out")) < 15


def test_json_has_one_object_a_picture(pair, tmp_path: Path):
    covers, secret = pair
    (covers / "bad.png").write_text("text")
    save(covers / "small.png", photograph("rocket", 10, 10))
    out = tmp_path / "out"
    made = hide(covers, secret, "-o", out, "--json", "--bits", "1", "--verify", "--quiet")
    assert made.returncode == 1
    found = {Path(o["cover"]).name: o for o in objects(made.stdout)}
    assert list(found) == ["astronaut.png", "bad.png", "chelsea.png", "coffee.png", "small.png"]
    good = found["coffee.png"]
    assert good["status"] == "done" and good["error"] is None and good["notes"] == []
    assert good["secret"] == str(secret) and good["container"] == str(out / "coffee.png")
    assert (good["model"], good["bits"], good["width"], good["height"]) == ("clear", 1, 128, 96)
    assert good["psnr"]["cover"] > 51 and good["psnr"]["revealed"] > 30
    assert set(good["seconds"]) == {"decode", "network", "encode", "verify"}
    assert min(good["seconds"].values()) > 0
    assert found["bad.png"]["status"] == "failed"
    assert found["bad.png"]["error"]["code"] == "unreadable"
    assert found["small.png"]["error"]["code"] == "picture"
    again = hide(covers, secret, "-o", out, "--json")
    codes = [o["error"]["code"] for o in objects(again.stdout)]
    assert codes == ["exists", "unreadable", "exists", "exists", "picture"]
    back = reveal(out, "-o", tmp_path / "back", "--json")
    assert back.returncode == 0
    assert {o["status"] for o in objects(back.stdout)} == {"done"}
    back = reveal(covers, "-o", tmp_path / "none", "--json")
    codes = {o["error"]["code"] for o in objects(back.stdout)}
    assert codes == {"nothing-hidden", "unreadable"}


def test_quiet_says_errors_only(pair, tmp_path: Path):
    covers, secret = pair
    made = hide(covers, secret, "-o", tmp_path / "out", "--quiet")
    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
    (covers / "bad.png").write_text("text")
    made = hide(covers, secret, "-o", tmp_path / "out", "-q", "--overwrite")
    assert made.returncode == 1 and made.stdout == ""
    assert made.stderr.count("\n") == 1 and made.stderr.startswith("error: ")


def test_no_progress_bar_unless_on_a_terminal(pair, tmp_path: Path):
    made = hide(*pair, "-o", tmp_path / "out")
    assert "\r" not in made.stderr and "file/s" not in made.stderr
    assert "3 of 3 hidden" in made.stderr and "megapixels in" in made.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_progress_bar_on_a_terminal(pair, tmp_path: Path):
    # Large enough to take longer than the tenth of a second between two looks of the bar.
    covers = tmp_path / "covers"
    covers.mkdir()
    for name in "abc":
        save(covers / f"{name}.png", np.tile(photograph("astronaut"), (2, 2, 1)))
    import fcntl
    import os
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
    command = [sys.executable, "-m", "runtime.hide", str(covers), str(pair[1])]
    command += ["-o", str(tmp_path / "out")]
    process = subprocess.Popen(command, cwd=ROOT, stderr=theirs, stdout=subprocess.DEVNULL)
    os.close(theirs)
    said = b""
    while True:
        try:
            said += os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
    os.close(ours)
    assert process.wait() == 0
    assert b"0/3" in said and b"MP/s" in said
    assert b"3 of 3 hidden" in said


def test_verify_says_what_a_container_gives(pair, tmp_path: Path):
    covers, _ = pair
    noise = np.random.default_rng(0).integers(0, 256, (96, 128, 3)).astype(np.uint8)
    hard = save(tmp_path / "noise.png", noise)
    made = hide(
        *(covers / "coffee.png", hard, "-o", tmp_path / "a.png", "--verify", "--bits", "1"),
        "--json",
    )
    assert made.returncode == 1
    assert f"{covers / 'coffee.png'}: verification failed: cover " in made.stderr
    assert objects(made.stdout)[0]["error"]["code"] == "verify"
    # It is verified before it is kept.
    assert not (tmp_path / "a.png").exists()
    made = hide(
        *(covers / "coffee.png", hard, "-o", tmp_path / "a.png", "--verify", "--bits", "1"),
        *("--verify-floor", "5"),
    )
    assert made.returncode == 0, made.stderr
    made = hide(*pair, "-o", tmp_path / "classic", "--verify", "--model", "classic")
    assert made.returncode == 0, made.stderr


def _piped(*arguments: str | Path, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", *map(str, arguments)],
        cwd=ROOT, input=given, capture_output=True, timeout=120, check=False,
    )  # fmt: skip


def test_standard_input_and_output(pair, tmp_path: Path):
    covers, secret = pair
    cover = (covers / "coffee.png").read_bytes()
    made = _piped("runtime.hide", "-", secret, "-o", "-", given=cover)
    assert made.returncode == 0, made.stderr
    back = _piped("runtime.reveal", "-", "-o", "-", given=made.stdout)
    assert back.returncode == 0, back.stderr
    (tmp_path / "revealed.png").write_bytes(back.stdout)
    assert read(tmp_path / "revealed.png").shape == (160, 120, 3)
    made = _piped("runtime.hide", covers / "coffee.png", "-", "-o", tmp_path / "o", given=cover)
    assert made.returncode == 0 and names(tmp_path / "o") == ["coffee.png"]
    made = _piped("runtime.hide", "-", secret, "-o", tmp_path / "p", given=cover)
    assert made.returncode == 0 and names(tmp_path / "p") == ["stdin.png"]
    for arguments, given, code, said in (
        (("-", "-", "-o", "-"), cover, 2, b"cannot both"),
        ((covers, secret, "-o", "-"), b"", 2, b"cannot all go to standard output"),
        (("-", secret, "-o", "-", "--json"), cover, 2, b"--json"),
        (("-", secret, "-o", "-"), b"text", 1, b"standard input: is not a picture"),
    ):
        made = _piped("runtime.hide", *arguments, given=given)
        assert made.returncode == code and said in made.stderr and made.stdout == b""
        assert b"Traceback" not in made.stderr


def test_altered_containers_give_what_is_left_and_exit_1(tmp_path: Path):
    cover = save(tmp_path / "cover.png", np.tile(photograph("coffee"), (2, 1, 1)))
    secret = save(tmp_path / "secret.png", photograph("rocket"))
    out = tmp_path / "container.png"
    assert hide(cover, secret, "-o", out, "--exact", "never", "--bits", "1").returncode == 0
    picture = read(out)
    picture[100, 550, 1] ^= 1
    save(out, picture)
    made = reveal(out, "-o", tmp_path / "back", "--json")
    assert made.returncode == 1
    (said,) = objects(made.stdout)
    assert said["status"] == "partly" and said["error"]["code"] == "altered"
    assert "1 of its 4 tiles" in made.stderr
    assert said["revealed"] == str(tmp_path / "back" / "container.png")
    assert read(Path(said["revealed"])).shape == photograph("rocket").shape


def test_of_a_file_that_is_damaged_nothing_is_written(tmp_path: Path):
    cover = save(tmp_path / "cover.png", photograph("coffee", 64, 64))
    secret = save(tmp_path / "secret.jpg", photograph("rocket", 60, 60))
    out = tmp_path / "container.png"
    assert hide(cover, secret, "-o", out).returncode == 0
    picture = read(out)
    picture[40, 40, 1] ^= 1
    save(out, picture)
    made = reveal(out, "-o", tmp_path / "back", "--json")
    assert made.returncode == 1
    (said,) = objects(made.stdout)
    assert said["status"] == "failed" and said["error"]["code"] == "altered"
    assert said["revealed"] == str(tmp_path / "back" / "container.*")
    assert not (tmp_path / "back").exists()


def test_links_are_followed_and_circles_are_not(pair, tmp_path: Path):
    covers, secret = pair
    (covers / "deep").mkdir()
    (covers / "deep" / "up").symlink_to(covers, target_is_directory=True)
    other = tmp_path / "elsewhere"
    save(other / "linked.png", photograph("rocket", 40, 40))
    (covers / "link").symlink_to(other, target_is_directory=True)
    (covers / "circle.png").symlink_to(covers / "circle.png")
    (covers / "nowhere.png").symlink_to(tmp_path / "nothing.png")
    made = hide(covers, secret, "-o", tmp_path / "out")
    assert made.returncode == 1
    assert "4 of 6 hidden" in made.stderr and "Traceback" not in made.stderr
    assert "circle.png: cannot be read: Too many levels" in made.stderr
    assert "nowhere.png: cannot be read: No such file" in made.stderr
    assert (tmp_path / "out" / "link" / "linked.png").is_file()


def test_long_and_odd_names(pair, tmp_path: Path):
    _, secret = pair
    covers = tmp_path / "co vers\n'画"
    for name in ("a" * 251, "sp ace", "-o", "新しい", "quote'\""):
        save(covers / f"{name}.png", photograph("rocket", 32, 32))
    long = covers / Path(*["d" * 200] * 5)
    save(long / "deep.png", photograph("rocket", 32, 32))
    made = hide(covers, secret, "-o", tmp_path / "out")
    assert made.returncode == 0, made.stderr
    assert "6 of 6" in made.stderr
    shutil.copy(covers / ("a" * 251 + ".png"), covers / ("a" * 251 + ".jpg"))
    made = hide(covers, secret, "-o", tmp_path / "out2")
    assert made.returncode == 1 and "File name too long" in made.stderr
    assert "5 of 7" in made.stderr


def test_doctor(tmp_path: Path):
    made = run_module("runtime.doctor", "--device", "cpu")
    assert made.returncode == 0, made.stdout
    for word in (
        "onnxruntime",
        "providers",
        "model clear",
        "model classic",
        "round trip",
        "no problems",
    ):
        assert word in made.stdout
    found = json.loads(run_module("runtime.doctor", "--json").stdout)
    assert found["healthy"] and {f["name"] for f in found["findings"]} >= {"python", "round trip"}
    for model in ("classic", "robust", "quiet"):
        assert run_module("runtime.doctor", "--model", model).returncode == 0, model
    broken = run_module("runtime.doctor", "--model", tmp_path)
    assert broken.returncode == 1
    assert "PROBLEM" in broken.stdout and "manifest" in broken.stdout
    none = run_module("runtime.doctor", "--device", "cuda:99")
    assert none.returncode == 1 and "plainsight-onnx[gpu]" in none.stdout


def test_completion():
    for shell, word in (
        ("bash", "--skip-existing"),
        ("zsh", "--skip-existing"),
        ("tcsh", "doctor"),
    ):
        made = run_module("runtime", "completion", shell)
        assert made.returncode == 0 and word in made.stdout
    made = subprocess.run(
        ["bash", "-n"],
        input=run_module("runtime", "completion", "bash").stdout,
        text=True,
        capture_output=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr


def test_the_reader_of_the_output_may_go_away(pair, tmp_path: Path):
    command = f"{sys.executable} -m runtime.hide {pair[0]} {pair[1]} -o {tmp_path / 'o'} --json"
    made = subprocess.run(
        ["bash", "-c", f"{command} | head -c 1"], cwd=ROOT, capture_output=True, check=False
    )
    assert b"Traceback" not in made.stderr
