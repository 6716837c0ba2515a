"""Runs that would bring the program down, or give something away."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import stat
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from support import ROOT, photograph, read, run_module, run_python, save

import runtime
from runtime.crypto.keys import KeyRing
from runtime.schemes.clear import description


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    cover = save(tmp_path / "cover.png", photograph("coffee", 64, 64))
    return cover, save(tmp_path / "secret.png", photograph("rocket", 40, 40))


# -- what a container says of itself is bounded by what it is --


def test_a_small_container_cannot_claim_to_be_a_large_one(monkeypatch):
    to_bytes = description.Description.to_bytes
    monkeypatch.setattr(
        description.Description,
        "to_bytes",
        lambda self: to_bytes(dataclasses.replace(self, size=(14_142, 14_142))),
    )
    small = photograph("coffee", 16, 16)
    container = runtime.Hider(device="cpu").hide(small, small)
    with pytest.raises(runtime.AlteredError, match="none of that can be revealed"):
        runtime.Revealer(device="cpu").recover(container)


def test_what_was_nearly_all_cropped_away_is_not_written():
    cover = np.tile(photograph("astronaut"), (3, 3, 1))[:1300, :1300]
    container = runtime.Hider(device="cpu", exact="never", bits=1).hide(cover, cover)
    revealer = runtime.Revealer(device="cpu")
    with pytest.raises(runtime.AlteredError, match="none of that can be revealed"):
        revealer.recover(np.ascontiguousarray(container[:320, :320]))
    left = revealer.recover(np.ascontiguousarray(container[:1100, :1100]))
    assert left.damage is not None and left.picture.shape == cover.shape


def test_a_large_secret_in_a_tiny_cover_keeps_its_size():
    cover, secret = photograph("coffee", 24, 24), photograph("astronaut")
    container = runtime.Hider(device="cpu").hide(cover, secret)
    assert runtime.Revealer(device="cpu").reveal(container).shape == secret.shape


# -- threads --


@pytest.mark.parametrize(
    ("threads", "said"),
    [(100_000, "must be at most"), (1.5, "whole number"), (True, "whole number"), (0, "positive")],
)
def test_threads_are_bounded(threads, said):
    with pytest.raises(runtime.UsageError, match=said):
        runtime.Hider(threads=threads)


def test_the_command_bounds_threads(pair, tmp_path):
    made = run_module("runtime.hide", *pair, "-o", tmp_path / "out.png", "--threads", "100000")
    assert made.returncode == 2 and "must be at most" in made.stderr


# -- memory --


def test_too_little_memory_is_said_to_be_that(tmp_path):
    cover = save(tmp_path / "cover.png", np.zeros((6000, 6000, 3), np.uint8))
    code = (
        "import resource, sys, runtime, cv2\n"
        "hider = runtime.Hider(device='cpu', threads=1)\n"
        "size = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (size + (150 << 20),) * 2)\n"
        "try:\n"
        f"    hider.hide({str(cover)!r}, {str(cover)!r})\n"
        "except runtime.OutOfMemoryError as error:\n"
        "    print(error.code, error)\n"
    )
    made = run_python(code)
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("memory ") and "not enough memory" in made.stdout


# -- standard streams --


def run_without(*closed: int, arguments: list[str | Path]) -> subprocess.CompletedProcess[bytes]:
    """Runs `plainsight hide` with standard streams closed, as `>&-` does."""
    code = (
        "import os, sys\n"
        f"for number in {closed}: os.close(number)\n"
        "os.execv(sys.executable, [sys.executable, '-m', 'runtime', *sys.argv[1:]])\n"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT, capture_output=True, stdin=subprocess.DEVNULL, timeout=120, check=False,
    )  # fmt: skip


def test_closed_streams_change_nothing_else(pair, tmp_path):
    for number, closed in enumerate([(0,), (1,), (2,), (0, 1, 2)]):
        out = tmp_path / f"{number}.png"
        made = run_without(*closed, arguments=["hide", *pair, "-o", out])
        assert made.returncode == 0 and b"Traceback" not in made.stderr, made.stderr
        assert read(out).shape == (64, 64, 3)


def test_nothing_gets_into_a_picture_or_json_when_stderr_is_closed(pair, tmp_path):
    made = run_without(2, arguments=["hide", *pair, "-o", "-"])
    assert made.returncode == 0
    (tmp_path / "out.png").write_bytes(made.stdout)
    whole = tmp_path / "again.png"
    assert made.stdout[:8] == b"\x89PNG\r\n\x1a\n" and made.stdout[-8:-4] == b"IEND"
    assert run_module("runtime.reveal", tmp_path / "out.png", "-o", whole).returncode == 0
    made = run_without(2, arguments=["hide", *pair, "-o", tmp_path / "x.png", "--json"])
    assert json.loads(made.stdout)["status"] == "done"


def test_a_picture_cannot_go_to_a_closed_stdout(pair):
    made = run_without(1, arguments=["hide", *pair, "-o", "-"])
    assert made.returncode == 2 and b"standard output, which is closed" in made.stderr


def test_programs_without_a_console(pair, tmp_path):
    code = (
        "import sys\n"
        "sys.stdin = sys.stdout = sys.stderr = None\n"
        "from runtime.__main__ import main\n"
        "sys.exit(main(['hide', *sys.argv[1:]]))\n"
    )
    made = run_python(code, *pair, "-o", tmp_path / "o")
    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
    assert (tmp_path / "o" / "cover.png").is_file()


# -- forks --

FORK = """
import multiprocessing, os, sys, numpy as np, runtime
picture = np.full((32, 32, 3), 100, np.uint8)
hider = runtime.Hider(device="cpu", threads=2)
container = hider.hide(picture, picture)

def work(_):
    with runtime.Hider(device="cpu") as own, runtime.Revealer(device="cpu") as revealer:
        return revealer.reveal(own.hide(picture, picture)).shape

child = os.fork()
if child == 0:
    try:
        hider.hide(picture, picture)
    except runtime.ClosedError as error:
        assert "before this process was forked" in str(error)
        work(0)
        sys.exit(7)
    sys.exit(1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
with multiprocessing.get_context("fork").Pool(2) as pool:
    assert pool.map(work, range(3)) == [(32, 32, 3)] * 3
assert (hider.hide(picture, picture).shape) == (32, 32, 3)
print("done")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.skipif(sys.platform != "linux", reason="only glibc lets a child leave in time")
def test_a_hider_from_before_a_fork_says_so_and_the_child_ends():
    made = run_python(FORK)
    assert made.returncode == 0 and made.stdout == "done\n", made.stderr


# -- two runs into one folder, and what others leave there --


def test_two_runs_with_skip_existing_both_succeed(photographs, tmp_path, monkeypatch):
    secret = photographs / "secrets" / "secret-coffee.png"
    out = tmp_path / "out"
    hide = runtime.Hider.hide_images
    # One for each cover, as a run may work on two at a time.
    both: dict[bytes, threading.Barrier] = {}

    def hide_together(self, cover, secret, passphrase=None):
        container = hide(self, cover, secret, passphrase)
        both.setdefault(cover.pixels.tobytes(), threading.Barrier(2, timeout=60)).wait()
        return container

    monkeypatch.setattr(runtime.Hider, "hide_images", hide_together)
    results: list[list[runtime.HideResult]] = [[], []]

    def run(number: int) -> None:
        results[number] = list(
            runtime.hide_folder(photographs / "covers", secret, out, skip_existing=True)
        )

    threads = [threading.Thread(target=run, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    every = [result for part in results for result in part]
    assert len(every) == 6 and all(result.error is None for result in every)
    assert sum(result.skipped for result in every) == 3


def test_a_pipe_that_is_named_like_an_unfinished_file_is_left_alone(pair, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    os.mkfifo(out / ".plainsight-x.partial")
    made = run_module("runtime.hide", *pair, "-o", out)
    assert made.returncode == 0, made.stderr
    assert (out / ".plainsight-x.partial").exists()


# -- what is shown, and to whom --


def test_control_characters_of_names_do_not_reach_the_terminal(tmp_path):
    name = "evil\x1b]0;title\x07\x1b[31m.png"
    (tmp_path / "covers").mkdir()
    (tmp_path / "covers" / name).write_text("not a picture")
    save(tmp_path / "covers" / "good\x9b.png", photograph("coffee", 32, 32))
    secret = save(tmp_path / "secret.png", photograph("rocket", 20, 20))
    made = run_module("runtime.hide", tmp_path / "covers", secret, "-o", tmp_path / "out")
    assert made.returncode == 1
    assert "\x1b" not in made.stderr and "\x07" not in made.stderr and "\x9b" not in made.stderr
    assert "evil\\x1b]0;title\\x07" in made.stderr


def test_revealed_secrets_are_private_and_containers_are_not(pair, tmp_path):
    assert run_module("runtime.hide", *pair, "-o", tmp_path / "container.png").returncode == 0
    for _ in range(2):
        made = run_module(
            *("runtime.reveal", tmp_path / "container.png", "-o", tmp_path / "revealed.png"),
            "--overwrite",
        )
        assert made.returncode == 0
        assert stat.S_IMODE((tmp_path / "revealed.png").stat().st_mode) == 0o600
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE((tmp_path / "container.png").stat().st_mode) == 0o666 & ~umask


def test_a_passphrase_file_that_others_can_read_gets_a_warning(pair, tmp_path):
    word = tmp_path / "word"
    word.write_text("word\n")
    for mode, warned in ((0o644, True), (0o640, True), (0o600, False)):
        word.chmod(mode)
        made = run_module(
            *("runtime.hide", *pair, "-o", tmp_path / f"{mode}.png", "--passphrase-file", word)
        )
        assert made.returncode == 0
        assert ("other users of this machine can read" in made.stderr) == warned


def test_a_passphrase_is_the_same_from_a_file_and_from_the_environment(pair, tmp_path):
    word = "Grüße".encode("latin-1")
    (tmp_path / "word").write_bytes(word + b"\n")
    (tmp_path / "word").chmod(0o600)
    container = tmp_path / "container.png"
    hidden = run_module(
        *("runtime.hide", *pair, "-o", container, "--passphrase-file", tmp_path / "word")
    )
    assert hidden.returncode == 0
    made = run_module(
        *("runtime.reveal", container, "-o", tmp_path / "back.png", "--passphrase-env", "WORD"),
        WORD=os.fsdecode(word),
    )
    assert made.returncode == 0, made.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["--pass", "hunter2"],
        ["--passwd=hunter2"],
        ["--passphrase-word", "hunter2"],
        ["-p", "hunter2"],
        ["-phunter2"],
        ["--PASSWORD", "hunter2"],
        ["--key", "hunter2"],
    ],
)
def test_a_passphrase_on_the_command_line_is_not_echoed(pair, tmp_path, words):
    for command in (("runtime.hide",), ("runtime", "hide")):
        made = run_module(*command, *pair, "-o", tmp_path / "out", *words)
        assert made.returncode == 2
        assert "hunter2" not in made.stderr and "not taken from the command line" in made.stderr


def test_salts_are_kept_for_a_while_only(monkeypatch):
    monkeypatch.setattr("runtime.crypto.keys._argon2id", lambda *_: bytes(32))
    ring = KeyRing()
    first = ring.new_file(b"first", share_salt=True).salt
    assert ring.new_file(b"first", share_salt=True).salt == first
    for number in range(200):
        ring.new_file(b"%d" % number, share_salt=True)
    assert ring.new_file(b"first", share_salt=True).salt != first
    assert len(ring._salts) <= 64


# -- folders and names --


def test_pictures_are_found_by_content_and_the_rest_is_counted(tmp_path):
    covers = tmp_path / "covers"
    covers.mkdir()
    jpeg = save(tmp_path / "cover.jpg", photograph("coffee", 40, 40)).read_bytes()
    for name in ("a.jfif", "b.jpe", "c.HEIC", "d"):
        (covers / name).write_bytes(jpeg)
    (covers / "notes.txt").write_text("no picture")
    (covers / "film.mp4").write_bytes(b"\0\0\0\x18ftypisom" + bytes(100))
    os.mkfifo(covers / "pipe")
    secret = save(tmp_path / "secret.png", photograph("rocket", 40, 40))
    made = run_module("runtime.hide", covers, secret, "-o", tmp_path / "out")
    assert made.returncode == 0, made.stderr
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        *("a.png", "b.png", "c.png", "d.png"),
    ]
    assert "left out: 3 files that are not pictures of a supported format" in made.stderr


@pytest.mark.parametrize("name", ["out.gif", "out.heic", "out.pdf", "out.txt", "out.svg", "o.mp4"])
def test_a_name_that_is_a_files_does_not_become_a_folder(pair, tmp_path, name):
    made = run_module("runtime.hide", *pair, "-o", tmp_path / name)
    assert made.returncode == 2 and "not written losslessly" in made.stderr
    assert not (tmp_path / name).exists()


def test_all_formats_that_a_model_writes_are_named(tmp_path, pair):
    made = run_module("runtime.hide", *pair, "-o", tmp_path / "o.avif", "--model", "robust")
    assert made.returncode == 2 and "AVIF files are not written; JPEG, PNG" in made.stderr


def test_keeping_metadata_of_a_cover_that_has_none_is_said(tmp_path, pair):
    made = run_module("runtime.hide", *pair, "-o", tmp_path / "out", "--keep-metadata")
    assert made.returncode == 0 and "no EXIF was read from it" in made.stderr


def test_covers_that_show_what_was_done_are_told(tmp_path, pair):
    alpha = np.full((64, 64), 255, np.uint8)
    alpha[:20] = 0
    cover = save(tmp_path / "alpha.png", np.dstack([photograph("coffee", 64, 64), alpha]))
    made = run_module("runtime.hide", cover, pair[1], "-o", tmp_path / "a.png")
    assert made.returncode == 0 and "transparent pixels carry noise" in made.stderr
    white = save(tmp_path / "white.png", np.full((64, 64, 3), 255, np.uint8))
    made = run_module("runtime.hide", white, pair[1], "-o", tmp_path / "b.png")
    assert made.returncode == 0 and "100% of its pixels are pure white or black" in made.stderr


# -- models --


def test_a_graph_that_keeps_tensors_elsewhere_is_refused(tmp_path):
    import hashlib

    import onnx
    from onnx.external_data_helper import convert_model_to_external_data

    source = ROOT / "models" / "classic"
    own = tmp_path / "own"
    shutil.copytree(source, own, ignore=shutil.ignore_patterns("training"))
    graph = onnx.load(own / "hide.onnx")
    convert_model_to_external_data(graph, location="weights.bin", size_threshold=0)
    onnx.save(graph, own / "hide.onnx")
    content = (own / "hide.onnx").read_bytes()
    manifest = json.loads((own / "manifest.json").read_text())
    manifest["files"]["hide.onnx"]["sha256"] = hashlib.sha256(content).hexdigest()
    (own / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(runtime.ModelError, match="keeps tensors in other files, which is refused"):
        runtime.Hider(own)
    (own / "hide.onnx").write_bytes(b"\x0a\xff\xff\xff\x7f")
    manifest["files"]["hide.onnx"]["sha256"] = hashlib.sha256(b"\x0a\xff\xff\xff\x7f").hexdigest()
    (own / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(runtime.ModelError, match="is not an ONNX file"):
        runtime.Hider(own)
