"""Places, pairs and stores, without Ray; object stores as a small server has them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath

import pytest
from support import photograph, save

from runtime.batch.plan import plan_hide as plan_folders
from runtime.distributed.attempts import MOST, Attempts
from runtime.distributed.budget import BASE, Budget, needed
from runtime.distributed.places import is_remote, join, split
from runtime.distributed.plan import plan_hide, plan_manifest, plan_reveal, undone
from runtime.distributed.stores import _Remote, _remote, store_of
from runtime.errors import ExistsError, OutOfMemoryError, UnwritableError, UsageError
from runtime.images.formats import FORMATS, LOSSLESS

pytest.importorskip("obstore", reason="the extra [ray] is not installed")


class _Bucket(BaseHTTPRequestHandler):
    """Just enough of S3: GET, HEAD, conditional PUT, and lists; conflicts on demand."""

    objects: dict[str, bytes]
    conflicts: list[int]
    protocol_version = "HTTP/1.1"

    def _answer(self, status: int, content: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", '"tag"')
        self.send_header("Last-Modified", "Mon, 05 Jan 2026 00:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if self.conflicts:
            self._answer(self.conflicts.pop(0))
        elif self.headers.get("If-None-Match") == "*" and self.path in self.objects:
            self._answer(412)
        else:
            self.objects[self.path] = content
            self._answer(200)

    def do_GET(self) -> None:
        if "list-type=2" in self.path:
            keys = (path.removeprefix("/bucket/") for path in sorted(self.objects))
            said = "".join(
                f"<Contents><Key>{key}</Key><LastModified>2026-01-05T00:00:00.000Z</LastModified>"
                "<ETag>t</ETag><Size>1</Size></Contents>"
                for key in keys
            )
            listing = f"<ListBucketResult><IsTruncated>false</IsTruncated>{said}</ListBucketResult>"
            self._answer(200, listing.encode())
        elif self.path in self.objects:
            self._answer(200, self.objects[self.path])
        else:
            self._answer(404)

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_Bucket]]:
    handler = type("Handler", (_Bucket,), {"objects": {}, "conflicts": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setattr("runtime.distributed.stores._WAIT", 0.01)
    _remote.cache_clear()
    yield handler
    server.shutdown()
    server.server_close()
    thread.join()


def test_places():
    assert [is_remote(place) for place in ("s3://b/k", "gs://b", "az://c/k", "a/b", "/a:/b")] == [
        *([True] * 3),
        *([False] * 2),
    ]
    assert split("s3://bucket/a//b") == ("s3://bucket", "a//b")
    assert join("s3://bucket/out/", PurePosixPath("a/b.png")) == "s3://bucket/out/a/b.png"
    for place in ("ftp://host/a", "s3:///a"):
        with pytest.raises(UsageError):
            split(place) if is_remote(place) else None


def test_a_conditional_write_keeps_what_is_there(bucket: type[_Bucket]):
    store = _Remote("s3://bucket")
    store.write("s3://bucket/a.png", b"one")
    with pytest.raises(ExistsError):
        store.write("s3://bucket/a.png", b"two")
    assert store.read("s3://bucket/a.png", 1000) == b"one"
    store.write("s3://bucket/a.png", b"two", overwrite=True)
    assert bucket.objects["/bucket/a.png"] == b"two"


@pytest.mark.parametrize("status", [409, 412])
def test_a_conflict_without_an_object_is_tried_again(bucket: type[_Bucket], status: int):
    bucket.conflicts += [status] * 2
    _Remote("s3://bucket").write("s3://bucket/a.png", b"one")
    assert bucket.objects["/bucket/a.png"] == b"one"
    bucket.conflicts += [status] * 100
    with pytest.raises(UnwritableError, match="conflict again and again"):
        _Remote("s3://bucket").write("s3://bucket/b.png", b"one")
    bucket.conflicts.clear()


def test_a_check_that_fails_writes_nothing(bucket: type[_Bucket]):
    def check(_: bytes) -> None:
        raise UnwritableError("no")

    with pytest.raises(UnwritableError):
        _Remote("s3://bucket").write("s3://bucket/a.png", b"one", check=check)
    assert not bucket.objects


def test_a_prefix_is_paired_and_named_as_a_folder(bucket: type[_Bucket], tmp_path: Path):
    for name in ("astronaut.jpg", "deep/chelsea.webp", "deep/chelsea.png", "note.txt", ".a.png"):
        for folder in ("covers", "secrets"):
            bucket.objects[f"/bucket/{folder}/{name}"] = b"x"
            path = tmp_path / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x")
    out, local = "s3://bucket/out", tmp_path / "out"
    plan = plan_hide("s3://bucket/covers", "s3://bucket/secrets", out, ".png")
    folders = plan_folders(tmp_path / "covers", tmp_path / "secrets", local)
    assert plan.left_out == 2
    assert plan.pairing == folders.pairing
    assert [row.target.removeprefix(out) for row in plan.rows] == [
        str(job.container).removeprefix(str(local)) for job in folders.jobs
    ]
    assert [row.secret.removeprefix("s3://bucket") for row in plan.rows] == [
        str(job.secret).removeprefix(str(tmp_path)) for job in folders.jobs
    ]


def test_a_key_that_is_no_path_is_refused(bucket: type[_Bucket], tmp_path: Path):
    save(tmp_path / "a.png", photograph("rocket", 16, 16))
    bucket.objects |= {"/bucket/in/a.png": b"x", "/bucket/in/../../evil.png": b"x"}
    with pytest.raises(UsageError, match="cannot be listed"):
        plan_reveal("s3://bucket/in", str(tmp_path / "out"))


def test_what_is_done_is_left_out(bucket: type[_Bucket], tmp_path: Path):
    for name in ("a", "b"):
        save(tmp_path / "in" / f"{name}.png", photograph("rocket", 16, 16))
    for out, done in (("s3://bucket/out", "/bucket/out/a.jpg"), (str(tmp_path / "out"), None)):
        plan = plan_reveal(str(tmp_path / "in"), out)
        if done:
            bucket.objects[done] = b"x"
        else:
            (tmp_path / "out").mkdir()
            (tmp_path / "out" / "a.jpg").write_bytes(b"x")
        rows, existing = undone(plan, out)
        assert [Path(row.target).name for row in rows] == ["b.*"]
        assert [Path(place).name for _, place in existing] == ["a.jpg"]


def test_an_output_is_never_an_input(tmp_path: Path):
    save(tmp_path / "a.png", photograph("rocket", 16, 16))
    for out in (str(tmp_path), f"{tmp_path}/../{tmp_path.name}"):
        with pytest.raises(UsageError, match="overwrite an input"):
            plan_hide(str(tmp_path), str(tmp_path / "a.png"), out, ".png")
        with pytest.raises(UsageError, match="overwrite an input"):
            plan_reveal(str(tmp_path), out)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_manifest(tmp_path: Path, kind: str):
    import pyarrow as pa
    from pyarrow import csv, parquet

    def written(**columns: list[str]) -> str:
        path = tmp_path / f"manifest.{kind}"
        writer = csv.write_csv if kind == "csv" else parquet.write_table
        writer(pa.table(columns), path)
        return str(path)

    good = written(
        cover=["a.png", "s3://b/c"], secret=["s", "s"], output=["x/1.png", "gs://b/2.webp"]
    )
    plan = plan_manifest("hide", good, str(tmp_path / "out"), LOSSLESS)
    assert plan.one_secret
    assert [row.target for row in plan.rows] == [str(tmp_path / "out/x/1.png"), "gs://b/2.webp"]
    assert [row.format for row in plan.rows] == ["png", "webp"]
    opened = plan_manifest(
        "reveal", written(container=["a"], output=["b.*"]), "out", tuple(FORMATS)
    )
    assert opened.rows[0].is_open
    for bad, words in (
        ({"cover": ["a"], "output": ["b.png"]}, "no column secret"),
        ({"cover": ["a"], "secret": ["s"], "output": ["b.jpg"]}, "does not end as"),
        ({"cover": ["a", "b"], "secret": ["s"] * 2, "output": ["b.png"] * 2}, "of two rows"),
        ({"cover": ["a"], "secret": [""], "output": ["b.png"]}, "lacks a value"),
    ):
        with pytest.raises(UsageError, match=words):
            plan_manifest("hide", written(**bad), "out", LOSSLESS)
    with pytest.raises(UsageError, match="ends as no picture"):
        manifest = written(container=["a"], output=["b.txt"])
        plan_manifest("reveal", manifest, "out", tuple(FORMATS))


def test_memory_is_shared_and_never_exceeded():
    budget = Budget(BASE + 100)
    with pytest.raises(OutOfMemoryError), budget.room(101):
        pass
    inside, most, lock = [0], [0], threading.Lock()

    def take() -> None:
        with budget.room(40):
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            threading.Event().wait(0.02)
            with lock:
                inside[0] -= 1

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 2
    assert needed(100, 100, 7) > 700


def test_a_picture_that_ends_its_workers_is_given_up():
    attempts = Attempts()
    assert [attempts.begin_block(0) for _ in range(3)] == [0, 1, 2]
    assert [attempts.begin_row(3) for _ in range(MOST + 1)] == list(range(MOST + 1))
    attempts.end_row(3)
    assert attempts.begin_row(3) == 0


def test_local_files_are_never_replaced(tmp_path: Path):
    place = str(tmp_path / "deep" / "a.png")
    store_of(place).write(place, b"one")
    with pytest.raises(ExistsError):
        store_of(place).write(place, b"two")
    assert store_of(place).read(place, 1000) == b"one"
