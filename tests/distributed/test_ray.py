"""The commands on a Ray of this machine, started once."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from support import photograph, run_main, save

from runtime import Revealer, reveal_folder
from runtime.distributed.__main__ import main
from runtime.distributed.budget import BASE
from runtime.distributed.options import configure_hide, settings_of

pytest.importorskip("obstore", reason="the extra [ray] is not installed")
ray = pytest.importorskip("ray", reason="the extra [ray] is not installed")

# Of Ray's own: sockets and processes that it leaves to the end of the program.
pytestmark = pytest.mark.filterwarnings("ignore")
_PHRASE = "correct horse battery staple"


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    """A cluster that knows the passphrase."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_worker_niceness", "0")
        patch.setenv("PHRASE", _PHRASE)
        ray.init(
            num_cpus=2,
            include_dashboard=False,
            object_store_memory=80 << 20,
            log_to_driver=False,
            logging_level="ERROR",
        )
        patch.setattr("runtime.distributed.cluster.connect", lambda _: None)
        yield
        ray.shutdown()


def records(report: Path) -> list[dict]:
    from pyarrow import parquet

    return parquet.read_table(report).to_pylist()


@pytest.mark.slow
def test_there_and_back(photographs: Path, tmp_path: Path):
    covers, secrets, out = photographs / "covers", photographs / "secrets", tmp_path / "out"
    (covers / "broken.png").write_bytes((covers / "coffee.png").read_bytes()[:2000])
    more = ("--passphrase-env", "PHRASE", "--memory", "1", "--bits", "1", "--workers", "1")
    report = tmp_path / "hide.parquet"
    hidden = run_main(main, "hide", covers, secrets, "-o", out, *more, "--report", report, "--json")
    assert hidden.returncode == 1, hidden.stderr
    assert "3 of 4 hidden" in hidden.stderr and "1 failed" in hidden.stderr
    assert _PHRASE not in hidden.stderr + hidden.stdout
    rows = records(report)
    assert sorted(row["status"] for row in rows) == ["done"] * 3 + ["failed"]
    printed = [json.loads(line) for line in hidden.stdout.splitlines()]
    assert {row["cover"] for row in printed} == {row["cover"] for row in rows}
    assert {row["bits"] for row in rows} == {1}
    (failed,) = (row for row in rows if row["error"])
    assert failed["error"]["code"] == "unreadable" and failed["cover"].endswith("broken.png")

    # A second run does only what is missing, and other ways reveal the same.
    (out / "astronaut.png").unlink()
    (covers / "broken.png").unlink()
    before = {path: path.stat().st_mtime_ns for path in out.glob("*.png")}
    again = run_main(main, "hide", covers, secrets, "-o", out, *more)
    assert again.returncode == 0, again.stderr
    assert "1 of 3 hidden" in again.stderr and "2 already existed" in again.stderr
    assert before == {path: path.stat().st_mtime_ns for path in before}
    back = run_main(main, "reveal", out, "-o", tmp_path / "back", *more[:4])
    assert back.returncode == 0, back.stderr
    assert "3 of 3 revealed" in back.stderr
    list(reveal_folder(out, tmp_path / "other", passphrase=_PHRASE))
    for path in (tmp_path / "other").iterdir():
        assert path.read_bytes() == (tmp_path / "back" / path.name).read_bytes()
    with Revealer() as revealer:
        revealer.reveal(out / "coffee.png", _PHRASE)


def test_problems_are_said_before_work(photographs: Path, tmp_path: Path):
    covers, secrets = photographs / "covers", photographs / "secrets"
    for more, code, words in (
        (("--passphrase-env", "NOT_SET"), 2, "the environment variable NOT_SET has no passphrase"),
        (("--model", "classic", "--bits", "2"), 2, "has no option bits"),
        (("--cores", "999"), 2, "no machine of the cluster has room"),
        (("--threads", "2"), 2, "more than the cores of a worker"),
    ):
        if "--memory" not in more:
            more = (*more, "--memory", "1")
        done = run_main(main, "hide", covers, secrets, "-o", tmp_path / "out", *more)
        assert done.returncode == code, (more, done.stderr)
        assert words in done.stderr
    assert not list(tmp_path.glob("out/*.png"))
    for arguments in ((covers,), (covers, secrets, "--passphrase", "word")):
        done = run_main(main, "hide", *arguments, "-o", tmp_path / "out")
        assert done.returncode == 2
    dry = run_main(main, "hide", covers, secrets, "-o", tmp_path / "out", "--dry-run")
    assert dry.returncode == 0 and len(dry.stdout.splitlines()) == 3


@pytest.mark.slow
def test_a_picture_too_large_for_a_worker_is_a_row(tmp_path: Path):
    save(tmp_path / "in" / "large.png", photograph("astronaut", 512, 512))
    save(tmp_path / "in" / "small.png", photograph("astronaut", 64, 64))
    report = tmp_path / "report.parquet"
    done = run_main(
        main,
        *("hide", tmp_path / "in", tmp_path / "in" / "small.png", "-o", tmp_path / "out"),
        *("--memory", f"{(BASE + (1 << 20)) / (1 << 30)}", "--report", report),
    )
    assert done.returncode == 1, done.stderr
    rows = {Path(row["cover"]).name: row for row in records(report)}
    assert rows["large.png"]["error"]["code"] == "memory"
    assert rows["small.png"]["status"] == "done"


@pytest.mark.slow
def test_a_picture_that_ends_its_workers_is_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Each worker of a block that was lost works on one picture at a time, and gives one up."""
    from runtime.distributed import worker as module
    from runtime.distributed.attempts import MOST, Attempts
    from runtime.distributed.settings import Row

    class Remote:
        """Methods of an actor, called at once."""

        def __init__(self, attempts: Attempts) -> None:
            self.attempts = attempts

        def __getattr__(self, name: str) -> SimpleNamespace:
            return SimpleNamespace(remote=getattr(self.attempts, name))

    monkeypatch.setattr(module.ray, "get", lambda value: value)
    save(tmp_path / "good.png", photograph("rocket", 64, 64))
    rows = [
        Row(
            n, str(tmp_path / f"{name}.png"), str(tmp_path / "good.png"), str(tmp_path / f"{n}.png")
        )
        for n, name in enumerate(("good", "deadly", "good"))
    ]
    parser = argparse.ArgumentParser()
    configure_hide(parser)
    options = parser.parse_args(["A", "B", "-o", "C"])
    settings = settings_of(options, "hide", 2 << 30, one_secret=True)
    attempts = Remote(Attempts())

    def attempt() -> list[dict]:
        worker = module.Worker(settings, attempts)
        done = worker._work.do

        def do(row: Row, *, look: bool) -> dict:
            if "deadly" in row.source:
                raise SystemExit  # as if the process had ended
            return done(row, look=look)

        monkeypatch.setattr(worker._work, "do", do)
        table = worker(module.table_of(rows))
        return [json.loads(text) for text in table.column("record").to_pylist()]

    for _ in range(1 + MOST):
        with pytest.raises(SystemExit):
            attempt()
    records = attempt()
    assert [record["status"] for record in records] == ["skipped", "failed", "skipped"]
    assert records[1]["error"]["message"] == f"{MOST} workers were lost with it in hand"
