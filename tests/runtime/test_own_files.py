"""Secrets that come back as the files they were: bytes, extensions, and what they are called."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from support import ROOT, photograph, read, run_main, save

import runtime
from runtime import hide, reveal
from runtime.batch.plan import plan_reveal

COVER = photograph("coffee", 120, 160)


def content(format_: str, height: int = 60, width: int = 80, **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(photograph("rocket", height, width)).save(file, format_, **options)
    return file.getvalue()


SECRETS = {
    "a.jpg": content("JPEG"),
    "b.png": content("PNG"),
    "c.webp": content("WEBP"),
    "d.avif": content("AVIF"),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with containers/ of own files a to d, and e of a code, and the secrets."""
    folder = tmp_path_factory.mktemp("made")
    for name, file in SECRETS.items():
        save(folder / "covers" / f"{name[0]}.png", COVER)
        (folder / "secrets").mkdir(exist_ok=True)
        (folder / "secrets" / name).write_bytes(file)
    hidden = run_main(
        hide.main, folder / "covers", folder / "secrets", "-o", folder / "containers", "--json"
    )
    assert hidden.returncode == 0, hidden.stderr
    results = [json.loads(line) for line in hidden.stdout.splitlines()]
    assert [r["payload"]["kind"] for r in results] == ["file"] * 4
    assert [r["payload"]["bytes"] for r in results] == [len(each) for each in SECRETS.values()]
    assert "4 of 4 hidden" in hidden.stderr and "4 of them bit for bit" in hidden.stderr
    e = (folder / "covers" / "a.png", folder / "secrets" / "a.jpg")
    hidden = run_main(hide.main, *e, "-o", folder / "containers" / "e.png", "--exact", "never")
    assert hidden.returncode == 0, hidden.stderr
    return folder


@pytest.fixture
def containers(made: Path, tmp_path: Path) -> Path:
    """A copy of the containers, for tests that change it."""
    return Path(shutil.copytree(made / "containers", tmp_path / "containers"))


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_files_come_back_byte_for_byte_with_their_own_extension(made: Path, tmp_path: Path):
    out = tmp_path / "out"
    back = run_main(reveal.main, made / "containers", "-o", out, "--json")
    assert back.returncode == 0, back.stderr
    found = files(out)
    assert found.pop("e.png")[1:4] == b"PNG"
    assert found == SECRETS
    results = [json.loads(line) for line in back.stdout.splitlines()]
    assert [r["revealed"] for r in results] == [str(out / name) for name in (*SECRETS, "e.png")]
    assert [r["payload"]["exact"] for r in results] == [True] * 4 + [False]
    assert "5 of 5 revealed" in back.stderr and "; 4 of them bit for bit" in back.stderr
    in_python = runtime.reveal_folder(made / "containers", tmp_path / "python")
    assert [r.revealed.name for r in in_python] == [*SECRETS, "e.png"]


def test_a_single_one_is_called_by_its_name(made: Path, tmp_path: Path):
    back = run_main(reveal.main, made / "containers" / "a.png", "-o", tmp_path / "out")
    assert f"1 of 1 revealed: {tmp_path / 'out' / 'a.jpg'}, bit for bit" in back.stderr
    stream = subprocess.run(
        [sys.executable, "-m", "runtime.reveal", str(made / "containers" / "a.png"), "-o", "-"],
        cwd=ROOT, capture_output=True, check=True, timeout=120,
    )  # fmt: skip
    assert stream.stdout == SECRETS["a.jpg"]


def test_what_exists_with_any_extension_is_kept_or_skipped(made: Path, tmp_path: Path):
    out = tmp_path / "out"
    command = (made / "containers", "-o", out)
    save(out / "a.png", COVER)  # as an earlier version would have written it
    before = files(out)
    back = run_main(reveal.main, *command, "--json")
    assert back.returncode == 1
    assert f"{out / 'a.png'}: already exists; --overwrite" in back.stderr
    first = json.loads(back.stdout.splitlines()[0])
    assert first["error"]["code"] == "exists" and first["revealed"] == str(out / "a.*")
    assert files(out) == {**before, **{k: v for k, v in files(out).items() if k != "a.png"}}
    assert set(files(out)) == {"a.png", "b.png", "c.webp", "d.avif", "e.png"}
    before = files(out)
    back = run_main(reveal.main, *command, "--skip-existing", "--json")
    assert back.returncode == 0 and files(out) == before
    results = [json.loads(line) for line in back.stdout.splitlines()]
    assert {r["status"] for r in results} == {"skipped"}
    assert [Path(r["revealed"]).name for r in results] == sorted(before)


def test_overwriting_replaces_that_file_and_names_others(containers: Path, tmp_path: Path):
    out = tmp_path / "out"
    save(out / "a.png", COVER)
    (out / "a.jpg").write_bytes(b"old")
    before = (out / "a.png").read_bytes()
    back = run_main(reveal.main, containers / "a.png", "-o", out, "--overwrite")
    assert back.returncode == 0, back.stderr
    assert files(out) == {"a.jpg": SECRETS["a.jpg"], "a.png": before}
    assert f"{out / 'a.png'} also exists, and was left alone" in back.stderr
    again = run_main(reveal.main, containers / "b.png", "-o", out, "--overwrite")
    assert "also exists" not in again.stderr


def test_a_folder_with_a_picture_s_name_is_in_no_other_one_s_way(containers: Path, tmp_path: Path):
    out = tmp_path / "out"
    save(out / "a.png" / "kept.png", COVER)
    for options in ((), ("--skip-existing",), ("--overwrite",)):
        back = run_main(reveal.main, containers / "a.png", "-o", out, *options)
        assert back.returncode == 0, back.stderr
    assert (out / "a.jpg").read_bytes() == SECRETS["a.jpg"]
    (out / "b.png").mkdir()
    back = run_main(reveal.main, containers / "b.png", "-o", out)
    assert back.returncode == 1 and f"{out / 'b.png'}: already exists" in back.stderr


def test_containers_of_one_name_do_not_become_one_file(containers: Path, tmp_path: Path):
    with Image.open(containers / "a.png") as image:
        image.save(containers / "a.webp", lossless=True)
        image.save(containers / "A.bmp")
    with Image.open(containers / "b.png") as image:
        image.save(containers / "a.jpg.png")
    back = run_main(reveal.main, containers, "-o", tmp_path / "out")
    assert back.returncode == 0, back.stderr
    found = files(tmp_path / "out")
    own = SECRETS["a.jpg"]
    assert {name: found[name] for name in found if found[name] == own} == dict.fromkeys(
        ("A.bmp.jpg", "a.png.jpg", "a.webp.jpg"), own
    )
    assert found["a.jpg.png"] == found["b.png"] == SECRETS["b.png"]


NAMES = st.builds(
    str.__add__, st.sampled_from(["a", "A", "a.png", "ä", "a\u0308"]), st.sampled_from(
        [".png", ".PNG", ".jpg", ".webp", ".avif", ".png.jpg", "-2.png"]
    )
)  # fmt: skip


@settings(max_examples=40)
@given(names=st.sets(NAMES, min_size=1, max_size=8))
def test_no_two_jobs_can_write_one_file(names: set[str]):
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            Path(folder, name).touch()
        jobs = plan_reveal(Path(folder), Path(folder) / "out").jobs
    possible = [path for job in jobs for path in job.possible]
    assert len({str(path).casefold() for path in possible}) == len(possible) == 6 * len(names)


def test_inputs_are_never_overwritten(containers: Path, tmp_path: Path):
    (tmp_path / "link").symlink_to(containers, target_is_directory=True)
    before = files(containers)
    for arguments in (
        (containers, "-o", containers),
        (containers / "a.png", "-o", containers),
        (containers, "-o", tmp_path / "link"),
        (containers / "a.png", "-o", containers / "a.png"),
    ):
        back = run_main(reveal.main, *arguments, "--overwrite")
        assert back.returncode == 2 and "would overwrite an input" in back.stderr
    assert files(containers) == before
    # A file of another name is none of them.
    assert run_main(reveal.main, containers / "a.png", "-o", containers / "f.jpg").returncode == 0


def test_where_case_does_not_matter_inputs_are_safe(containers: Path, monkeypatch):
    container = containers / "a.png"
    monkeypatch.setattr(Path, "samefile", lambda *_: True)  # as such a file system would say
    back = run_main(reveal.main, container, "-o", containers / "A.PNG", "--overwrite")
    assert back.returncode == 2 and "would overwrite an input" in back.stderr


def test_a_format_that_is_asked_for(made: Path, tmp_path: Path):
    containers = made / "containers"
    back = run_main(reveal.main, containers, "-o", tmp_path / "all", "--format", "webp")
    assert back.returncode == 0, back.stderr
    assert set(files(tmp_path / "all")) == {f"{name}.webp" for name in "abcde"}
    # What has the format already is not written anew.
    assert (tmp_path / "all" / "c.webp").read_bytes() == SECRETS["c.webp"]
    for name, out in (("a", "x.png"), ("b", "y.tiff"), ("b", "z.PNG"), ("a", "w.jpeg")):
        back = run_main(reveal.main, containers / f"{name}.png", "-o", tmp_path / out)
        assert back.returncode == 0, back.stderr
        own = made / "secrets" / next(own for own in SECRETS if own[0] == name)
        assert np.array_equal(runtime.read_picture(tmp_path / out), runtime.read_picture(own))
    assert (tmp_path / "z.PNG").read_bytes() == SECRETS["b.png"]
    assert (tmp_path / "w.jpeg").read_bytes() == SECRETS["a.jpg"]


@pytest.mark.parametrize(("name", "out"), [("b", "x.jpg"), ("e", "x.jpg"), ("a", "x.avif")])
def test_formats_that_are_not_written_are_an_error_that_says_which_are(made, tmp_path, name, out):
    back = run_main(reveal.main, made / "containers" / f"{name}.png", "-o", tmp_path / out)
    assert back.returncode == 1
    assert f"{tmp_path / out}: " in back.stderr or f"{name}.png: " in back.stderr
    assert "not written losslessly" in back.stderr and "PNG" in back.stderr
    assert not (tmp_path / out).exists()
    back = run_main(reveal.main, made / "containers" / "a.png", "-o", tmp_path / "x.gif")
    assert back.returncode == 2 and "GIF files are not written; PNG" in back.stderr
    back = run_main(reveal.main, made / "containers", "-o", tmp_path / "x.jpg")
    assert back.returncode == 2 and "must be one too" in back.stderr


def test_a_dry_run_leaves_the_extension_open(made: Path, tmp_path: Path):
    command = (made / "containers", "-o", tmp_path / "out", "--dry-run")
    planned = run_main(reveal.main, *command)
    assert f"{made / 'containers' / 'a.png'} -> {tmp_path / 'out' / 'a.*'}\n" in planned.stdout
    (first, *_) = run_main(reveal.main, *command, "--json").stdout.splitlines()
    assert json.loads(first)["revealed"] == str(tmp_path / "out" / "a.*")
    planned = run_main(reveal.main, *command, "--format", "bmp")
    assert f"-> {tmp_path / 'out' / 'a.bmp'}\n" in planned.stdout
    assert not (tmp_path / "out").exists()


def test_a_run_that_is_overtaken_skips_what_the_other_has_made(made, tmp_path, monkeypatch):
    out = tmp_path / "out"
    revealed = runtime.Revealer.recover_image

    def overtaken(self, *arguments):
        found = revealed(self, *arguments)
        (out / "a.jpg").parent.mkdir()
        (out / "a.jpg").write_bytes(b"of another run")
        return found

    monkeypatch.setattr(runtime.Revealer, "recover_image", overtaken)
    (result,) = runtime.reveal_folder(made / "containers" / "a.png", out, skip_existing=True)
    assert result.skipped and result.error is None and result.revealed == out / "a.jpg"
    assert files(out) == {"a.jpg": b"of another run"}


def test_metadata_travels_with_the_file_unless_it_is_stripped(tmp_path: Path):
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Maker", 6
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 29.0)
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(content("JPEG", exif=exif))
    cover = save(tmp_path / "cover.png", COVER)
    hidden = run_main(hide.main, cover, secret, "-o", tmp_path / "kept.png")
    assert hidden.returncode == 0, hidden.stderr
    assert "secret: its file is hidden as it is, with EXIF with a location" in hidden.stderr
    hidden = run_main(hide.main, cover, secret, "-o", tmp_path / "bare.png", "--strip-metadata")
    assert hidden.returncode == 0 and "location" not in hidden.stderr
    out = tmp_path / "out"
    assert run_main(reveal.main, tmp_path / "kept.png", "-o", out).returncode == 0
    assert (out / "kept.jpg").read_bytes() == secret.read_bytes()
    (result,) = runtime.hide_folder(cover, secret, tmp_path / "python.png", strip_metadata=True)
    assert result.error is None
    for name in ("bare", "python"):
        assert run_main(reveal.main, tmp_path / f"{name}.png", "-o", out).returncode == 0
        bare = out / f"{name}.jpg"
        with Image.open(bare) as image:
            assert dict(image.getexif()) == {0x0112: 6}
        assert b"Maker" not in bare.read_bytes()
        assert np.array_equal(runtime.read_picture(bare), runtime.read_picture(secret))


def test_verify_wants_exactly_what_was_hidden(tmp_path: Path, monkeypatch):
    cover = save(tmp_path / "cover.png", COVER)
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(SECRETS["a.jpg"])
    verified = run_main(hide.main, cover, secret, "-o", tmp_path / "a.png", "--verify", "--json")
    assert verified.returncode == 0, verified.stderr
    assert json.loads(verified.stdout)["psnr"]["revealed"] is None
    recover = runtime.Revealer.recover_image

    def other(self, *arguments):
        found = recover(self, *arguments)
        object.__setattr__(found, "file", found.file + b"\0")
        return found

    monkeypatch.setattr(runtime.Revealer, "recover_image", other)
    wrong = run_main(hide.main, cover, secret, "-o", tmp_path / "b.png", "--verify")
    assert wrong.returncode == 1 and not (tmp_path / "b.png").exists()
    assert "verification failed: what is revealed is not exactly the secret" in wrong.stderr


def test_pixels_that_are_not_a_file_come_back_as_png(tmp_path: Path):
    cover = save(tmp_path / "cover.png", COVER)
    picture = photograph("astronaut", 40, 50)
    container = runtime.Hider(device="cpu").hide(cover, picture)
    (tmp_path / "c.png").write_bytes(container)
    assert run_main(reveal.main, tmp_path / "c.png", "-o", tmp_path / "out").returncode == 0
    assert np.array_equal(read(tmp_path / "out" / "c.png"), picture)
