"""`python -m benchmarks.robustness` on a small scale; results/robustness has the long runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import photograph, run_module, save

import runtime
from benchmarks.robustness import false_finds
from benchmarks.robustness.corpus import corpus
from benchmarks.robustness.mutations import mutant
from runtime import UnsupportedError
from runtime.images.decode import decode


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return corpus()


def run(command: str, *arguments: str | Path, out: Path) -> tuple[int, dict]:
    result = run_module("benchmarks.robustness", command, *arguments, "--json", out)
    assert out.exists(), result.stderr
    return result.returncode, json.loads(out.read_text())[command]


def test_valid_files_are_always_the_same_and_readable(files):
    assert files == corpus()
    for name, content in files.items():
        if name == "tiff/float":
            with pytest.raises(UnsupportedError, match="floating-point samples"):
                decode(content)
        else:
            assert decode(content).pixels.shape in ((48, 64, 3), (64, 48, 3))


def test_mutants_depend_on_seed_and_number_only(files):
    mutants = [mutant(1, index, files) for index in range(300)]
    assert mutants == [mutant(1, index, files) for index in range(300)]
    assert mutants != [mutant(2, index, files) for index in range(300)]
    assert len({(m.sample, m.content) for m in mutants}) > 290
    assert sum(m.content == files[m.sample] for m in mutants) < 15
    formats = {m.sample.partition("/")[0] for m in mutants}
    assert formats == {"png", "jpg", "webp", "tiff", "bmp", "avif"}


def test_damaged_files(tmp_path: Path):
    settings = ("--files", "60", "--seed", "7", "--workers", "1")
    code, report = run("fuzz", *settings, out=tmp_path / "new" / "r.json")
    assert code == 0, report["failing_files"]
    for operation in ("reveal", "cover", "secret"):
        assert sum(report["outcomes"][operation].values()) == 60
        assert report["outcomes"][operation]["unreadable"] > 10
    assert report["outcomes"]["cover"]["done"] > 5
    assert report["outcomes"]["folder"] == {"done": 1}
    assert report["files_through_folders"] == 6


def test_failures_are_counted_and_their_files_kept(tmp_path: Path, files):
    settings = ("--files", "1", "--seed", "5", "--workers", "1", "--mebibytes", "10")
    code, report = run("fuzz", *settings, "--keep", tmp_path / "kept", out=tmp_path / "r.json")
    assert code == 1
    assert report["failures"] == {"memory": 4}
    kept = [path.read_bytes() for path in (tmp_path / "kept").iterdir() if path.suffix != ".json"]
    assert kept == [mutant(5, 0, files).content] * 4


def test_killed_runs(tmp_path: Path):
    settings = ("--times", "2", "--interrupts", "1", "--pictures", "4", "--side", "160")
    code, report = run("kill", *settings, out=tmp_path / "r.json")
    assert code == 0, report["problems"]
    assert report["kills"] == report["jobs_finished_by_skip_existing"] == 2
    assert report["half_written_files"] == report["temporary_files_left_by_a_kill"] == 0
    for case in (*report["interrupted_once"], *report["interrupted_twice"]):
        assert case["exit"] == 130 and not case["problems"]


def test_memory(tmp_path: Path):
    code, report = run("memory", "--pictures", "60", "--every", "20", out=tmp_path / "r.json")
    assert code == 0, report
    assert len(report["resident"]) == 3
    for resident in report["resident"].values():
        assert len(resident["mib"]) == 3 and min(resident["mib"]) > 50


def test_throughput(tmp_path: Path):
    settings = ("--pictures", "3", "--side", "96", "--rounds", "1")
    code, report = run("throughput", *settings, out=tmp_path / "r.json")
    assert code == 0
    for name, loop in report["loops"].items():
        assert (loop["stage_seconds"]["network"] > 0.01) == ("without" not in name)
    assert report["throughput_against_no_model"]["hide"] > 0


def test_what_is_found_in_plain_photographs(tmp_path: Path):
    for name in ("astronaut", "coffee"):
        save(tmp_path / "plain" / f"{name}.png", photograph(name))
    code, report = run("false-finds", tmp_path / "plain", "--parts", "4", out=tmp_path / "r.json")
    assert code == 0 and report["outcomes"] == {"nothing": 4}
    cover, secret = photograph("rocket", 200, 240), photograph("coffee", 60, 80)
    with runtime.Revealer() as revealer, runtime.Hider("clear") as hider:
        container = hider.hide(cover, secret)
        assert false_finds._outcome(revealer, container) == "revealed by clear"
        container[150, 100] ^= 1
        assert false_finds._outcome(revealer, container) == "altered"
