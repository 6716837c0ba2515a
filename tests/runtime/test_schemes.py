"""A scheme of another package: everything takes it, and no file of `runtime` knows of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import photograph, read, run_module, run_python, save

import runtime
from runtime.engine.models import load_model
from runtime.schemes import Scheme, register, scheme_of

TOY = '''
"""Hides the highest bits of a secret in the lowest bits of its cover; without any graph."""

from dataclasses import dataclass

import numpy as np

from runtime.images.resize import resize_to
from runtime.schemes import Container, Options, Revealed, Scheme, option


@dataclass(frozen=True)
class ToyOptions(Options):
    planes: int = option(
        3, choices=(2, 3), unit="bit planes", label="{} planes", help="bit planes that carry it"
    )


class Toy(Scheme):
    name = "toy"
    options = ToyOptions
    hide_graphs = {}
    reveal_graphs = {}
    takes_passphrase = False
    recognizes = True
    container_formats = ("bmp", "png")

    def hide(self, pairs, options, keys):
        return [Container(self._one(c, s, options.planes), self.container_formats)
                for c, s in pairs]

    def _one(self, cover, secret, planes):
        hidden = resize_to(secret.pixels, *cover.size) >> 8 - planes
        container = cover.pixels & (0xFF << planes & 0xFF) | hidden
        container[0, 0] = planes
        return container

    def find(self, container, keys):
        planes = int(container.pixels[0, 0, 0])
        return (container, planes) if (container.pixels[0, 0] == planes).all() else None

    def reveal(self, matches, max_pixels):
        return [
            Revealed(container.pixels << 8 - planes, notes=(f"{planes} planes",))
            for container, planes in matches
        ]
'''


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as an installed package: the scheme, its entry point, and a model."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "plainsight_toy.py").write_text(TOY)
    info = folder / "plainsight_toy-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plainsight-toy\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[plainsight.schemes]\ntoy = plainsight_toy:Toy\n")
    model = folder / "model"
    model.mkdir()
    manifest = {
        **{"model": "my-toy", "scheme": "toy", "format_version": 1, "files": {}},
        "options": {"planes": {"choices": [2, 3]}},
    }
    (model / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_the_command_line_takes_its_option_formats_and_results(site, photographs, tmp_path):
    path, model = str(site), site / "model"
    listed = run_module("runtime.hide", "--help", PYTHONPATH=path)
    assert "--planes 2|3" in listed.stdout and "toy: bit planes that carry it" in listed.stdout
    hidden = run_module(
        *("runtime.hide", photographs / "covers", photographs / "secrets", "--json"),
        *("-o", tmp_path / "out", "--model", model, "--planes", "2"),
        PYTHONPATH=path,
    )
    assert hidden.returncode == 0, hidden.stderr
    results = [json.loads(line) for line in hidden.stdout.splitlines()]
    assert {(r["model"], r["planes"], r["bits"]) for r in results} == {("my-toy", 2, None)}
    # Its preferred format, and not one that it does not allow.
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        *("astronaut.bmp", "chelsea.bmp", "coffee.bmp"),
    ]
    refused = run_module(
        *("runtime.hide", photographs / "covers", photographs / "secrets", "--model", model),
        *("-o", tmp_path / "webp", "--format", "webp"),
        PYTHONPATH=path,
    )
    assert refused.returncode == 2 and "must be one of bmp, png" in refused.stderr
    revealed = run_module(
        *("runtime.reveal", tmp_path / "out", "-o", tmp_path / "revealed", "--model", model),
        PYTHONPATH=path,
    )
    assert revealed.returncode == 0, revealed.stderr
    assert "coffee.bmp: 2 planes" in revealed.stderr
    assert read(tmp_path / "revealed" / "coffee.png").shape == (96, 128, 3)
    nothing = run_module(
        *("runtime.reveal", photographs / "covers", "-o", tmp_path / "x", "--model", model),
        PYTHONPATH=path,
    )
    assert nothing.returncode == 1 and "no hidden picture found" in nothing.stderr
    wrong = run_module(
        *("runtime.hide", photographs / "covers", photographs / "secrets", "--model", model),
        *("-o", tmp_path / "wrong", "--bits", "2"),
        PYTHONPATH=path,
    )
    assert wrong.returncode == 2 and "my-toy has no option bits" in wrong.stderr


def test_python_takes_it_for_arrays_files_and_folders(site, photographs, tmp_path):
    picture = photograph("rocket", 40, 50)
    save(tmp_path / "cover.png", picture)
    code = f"""
import numpy as np, runtime
from pathlib import Path
model, cover = {str(site / "model")!r}, {str(tmp_path / "cover.png")!r}
out = Path({str(tmp_path)!r})
picture = runtime.read_picture(cover)
hider, revealer = runtime.Hider(model, planes=3), runtime.Revealer(model)
assert dict(hider.options) == {{"planes": 3}} and hider.device == "cpu"
container = hider.hide(picture, picture[::-1])
revealed = revealer.reveal(container)
assert np.abs(revealed[1:].astype(int) - picture[::-1][1:]).max() < 32
assert revealer.recover(container).notes == ("3 planes",)
content = hider.hide(cover, cover)
assert content[:2] == b"BM" and revealer.reveal(content)[:4] == b"\\x89PNG"
results = list(runtime.hide_folder({str(photographs / "covers")!r}, cover, out / "out",
                                   model=model, planes=3, verify=True))
assert [r.error for r in results] == [None] * 3, results
assert dict(results[0].options) == {{"planes": 3}} and results[0].container.suffix == ".bmp"
back = list(runtime.reveal_folder(out / "out", out / "back", model=model))
assert [r.error for r in back] == [None] * 3
"""
    made = run_python(code, PYTHONPATH=str(site))
    assert made.returncode == 0, made.stderr


def test_a_scheme_that_is_not_installed_is_named(site):
    with pytest.raises(runtime.ModelError, match=r"scheme 'toy', which is not installed \(classic"):
        runtime.Hider(site / "model")


def test_a_scheme_that_cannot_be_loaded_is_named(tmp_path, photographs):
    info = tmp_path / "broken-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[plainsight.schemes]\nbroken = nowhere:Broken\n")
    made = run_module(
        *("runtime.hide", photographs / "covers", photographs / "secrets", "-o", tmp_path / "o"),
        PYTHONPATH=str(tmp_path),
    )
    assert made.returncode == 2 and "Traceback" not in made.stderr
    assert "the scheme broken of another package (nowhere:Broken) cannot be loaded" in made.stderr


def test_names_of_schemes_are_taken_once():
    clear = scheme_of(load_model("clear"))
    assert register(clear) is clear

    class Other(Scheme[None]):
        name = "clear"

    with pytest.raises(ValueError, match="already a scheme clear"):
        register(Other)


def test_manifests_say_what_the_schemes_declare():
    for name in ("classic", "clear", "quiet", "robust"):
        model = load_model(name)
        assert model.manifest["options"] == runtime.schemes.describe(model.scheme)
