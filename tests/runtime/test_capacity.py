"""What a cover holds and a secret would become, said before anything is hidden, and then true."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support import ROOT, photograph, run_main, save

from runtime import capacity, hide


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Covers of 128 x 96 and 64 x 48 pixels, and secrets that do and do not fit them as files."""
    folder = tmp_path_factory.mktemp("capacity")
    save(folder / "covers" / "large.png", photograph("coffee", 96, 128))
    save(folder / "covers" / "small.png", photograph("coffee", 48, 64))
    file = io.BytesIO()
    Image.fromarray(photograph("rocket", 60, 80)).save(file, "JPEG", quality=90)
    (folder / "secret.jpg").write_bytes(file.getvalue())
    save(folder / "busy.png", photograph("astronaut", 96, 128))
    return folder


def objects(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_what_a_cover_holds(folder: Path):
    said = run_main(capacity.main, folder / "covers" / "large.png")
    assert said.returncode == 0 and said.stderr == ""
    first, *settings = said.stdout.splitlines()
    assert first == f"{folder / 'covers' / 'large.png'}: 128 x 96 pixels"
    sizes = [int(line.split()[2].replace(",", "")) for line in settings]
    # 1 to 3 bits of 36,864 samples, and a description and a tag.
    wanted = np.array([4608, 9216, 13_824])
    assert (np.array(sizes) <= wanted).all() and (np.array(sizes) > 0.96 * wanted).all()
    assert [line.split(":")[0].strip() for line in settings] == [f"--bits {n}" for n in (1, 2, 3)]


def test_what_a_secret_would_become_it_becomes(folder: Path, tmp_path: Path):
    covers = folder / "covers"
    for secret in ("secret.jpg", "busy.png"):
        said = run_main(capacity.main, covers, folder / secret, "--json")
        assert said.returncode == 0, said.stderr
        found = objects(said.stdout)
        assert [Path(o["cover"]).name for o in found] == ["large.png", "small.png"]
        for bits in (1, 2, 3):
            out = tmp_path / f"{bits} {secret[0]}"
            command = (covers, folder / secret, "-o", out, "--bits", str(bits), "--json")
            planned = run_main(hide.main, *command, "--dry-run")
            assert planned.returncode == 0 and not out.exists()
            hidden = objects(run_main(hide.main, *command).stdout)
            for cover, plan, result in zip(found, objects(planned.stdout), hidden, strict=True):
                setting = cover["settings"][bits - 1]
                assert setting["payload"] == plan["payload"] and setting["problem"] is None
                assert setting["capacity"] == result["payload"]["capacity"]
                for key in ("kind", "exact", "coded"):
                    assert plan["payload"][key] == result["payload"][key]
                if plan["payload"]["exact"]:
                    assert plan["payload"] == result["payload"]
                else:
                    forecast = plan["payload"]["psnr"], result["payload"]["psnr"]
                    assert abs(forecast[0] - forecast[1]) < 2


def test_it_says_so_in_words(folder: Path, tmp_path: Path):
    cover, secret = folder / "covers" / "large.png", folder / "secret.jpg"
    size = secret.stat().st_size
    said = run_main(capacity.main, cover, secret, "--bits", "2")
    (_, setting) = said.stdout.splitlines()
    assert "--bits 2: " in setting and setting.endswith("% of what the cover holds")
    assert f"the secret as its own file, bit for bit; {size:,} bytes" in setting
    said = run_main(capacity.main, cover, secret, "--exact", "never").stdout
    assert said.count("; the secret as a code of it, ") == 3 and said.count(" dB") == 3
    secrets = save(tmp_path / "secrets" / "huge.png", photograph("astronaut")).parent
    (secrets / "a.jpg").write_bytes(secret.read_bytes())
    planned = run_main(hide.main, folder / "covers", secrets, "-o", tmp_path / "out", "--dry-run")
    first, second = planned.stdout.splitlines()
    out = tmp_path / "out" / "large.png"
    assert first.startswith(f"{secrets / 'a.jpg'} -> {cover} -> {out}: its own file, bit for bit; ")
    assert ": a compact file of it, reduced to " in second and second.endswith(" dB")
    assert "2 would be hidden, 1 of them bit for bit; " in planned.stderr


def test_what_cannot_be_hidden_is_said_before(folder: Path, tmp_path: Path):
    command = (folder / "covers", folder / "busy.png", "--exact", "always")
    said = run_main(capacity.main, *command)
    assert said.returncode == 0 and said.stdout.count("; the secret does not fit exactly") >= 3
    problems = [s["problem"] for o in objects(run_main(capacity.main, *command, "--json").stdout)
                for s in o["settings"]]  # fmt: skip
    assert len(problems) == 6 and all("does not fit" in p for p in problems if p)
    out = (*command, "-o", tmp_path / "out", "--json")
    planned = run_main(hide.main, *out, "--dry-run")
    hidden = run_main(hide.main, *out)
    assert planned.returncode == hidden.returncode == 1
    errors = [o["error"] for o in objects(planned.stdout)]
    assert errors == [o["error"] for o in objects(hidden.stdout)]
    assert {error["code"] for error in errors} == {"picture"}
    assert [line for line in hidden.stderr.splitlines() if line.startswith("error")] == [
        line for line in planned.stderr.splitlines() if line.startswith("error")
    ]


def test_metadata_counts_unless_it_is_stripped(folder: Path, tmp_path: Path):
    secret = tmp_path / "secret.jpg"
    content = (folder / "secret.jpg").read_bytes()
    comment = b"\xff\xfe" + (20_002).to_bytes(2, "big") + bytes(20_000)
    secret.write_bytes(content[:2] + comment + content[2:])
    command = (folder / "covers" / "large.png", secret, "--json", "--bits", "2")
    for flags, kind in (((), "code"), (("--strip-metadata",), "file")):
        (found,) = objects(run_main(capacity.main, *command, *flags).stdout)
        payload = found["settings"][0]["payload"]
        assert payload["kind"] == kind or (kind == "code" and payload["kind"] == "pixels")
    assert payload["bytes"] == len(content)


def test_a_model_that_hides_anything_in_any_cover(folder: Path, tmp_path: Path):
    command = (folder / "covers" / "small.png", folder / "secret.jpg", "--model", "classic")
    said = run_main(capacity.main, *command)
    assert said.returncode == 0 and said.stdout.endswith("  classic hides any secret in it\n")
    assert objects(run_main(capacity.main, *command, "--json").stdout)[0]["settings"] == []
    planned = run_main(hide.main, *command, "-o", tmp_path / "out", "--dry-run")
    assert planned.returncode == 0 and "1 would be hidden; " in planned.stderr


def test_pictures_that_cannot_be_read_and_wrong_usage(folder: Path, tmp_path: Path):
    (tmp_path / "bad.png").write_text("text")
    save(tmp_path / "tiny.png", photograph("coffee", 10, 10))
    said = run_main(capacity.main, tmp_path, folder / "secret.jpg")
    assert said.returncode == 1 and said.stdout == ""
    assert f"error: {tmp_path / 'bad.png'}: is not a picture" in said.stderr
    assert f"error: {tmp_path / 'tiny.png'}: cover must be at least 16 pixels" in said.stderr
    found = objects(run_main(capacity.main, tmp_path, "--json").stdout)
    assert [o["error"]["code"] for o in found] == ["unreadable", "picture"]
    planned = run_main(hide.main, tmp_path, folder / "secret.jpg", "-o", tmp_path, "--dry-run")
    assert planned.returncode == 2  # both would overwrite an input
    for arguments, words in (
        (("-", "-"), "cannot both"),
        ((tmp_path / "nowhere.png",), "there is no file or folder"),
        ((folder / "covers", tmp_path / "nowhere.png"), "secrets: there is no file or folder"),
        ((folder / "secret.jpg", folder / "covers"), "is a folder; name one secret"),
        ((folder / "covers", "--bits", "9"), "bits of clear must be one of 1, 2, 3"),
    ):
        said = run_main(capacity.main, *arguments)
        assert said.returncode == 2 and words in said.stderr and said.stdout == ""


def test_from_standard_input_and_by_the_installed_command(folder: Path, tmp_path: Path):
    cover = folder / "covers" / "large.png"
    command = [sys.executable, "-m", "runtime", "capacity", "-", str(folder / "secret.jpg")]
    with cover.open("rb") as file:
        said = subprocess.run(
            command, stdin=file, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
        )
    assert said.stdout.startswith("standard input: 128 x 96 pixels\n")
    assert "its own file, bit for bit" in said.stdout
    # What can be read only once is left for the run.
    planned = run_main(hide.main, cover, "-", "-o", tmp_path / "out.png", "--dry-run")
    assert planned.returncode == 0 and planned.stdout == f"- -> {cover} -> {tmp_path / 'out.png'}\n"
