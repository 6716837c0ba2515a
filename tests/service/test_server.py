"""`plainsight serve`: workers on one socket, and a stop that loses no request."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx2
import numpy as np
import pytest
from service_client import PAIR, PASSPHRASE, png, problem
from support import ROOT, photograph, run_module

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")


@contextmanager
def server(*options: str) -> Iterator[tuple[subprocess.Popen[str], httpx2.Client]]:
    command = [sys.executable, "-m", "runtime", "serve", "--port", "0", *options]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        listening = json.loads(process.stdout.readline())
        address = f"http://{listening['host']}:{listening['port']}"
        for _ in range(listening["workers"]):
            assert json.loads(process.stdout.readline())["event"] == "ready"
        with httpx2.Client(base_url=address, timeout=60) as client:
            yield process, client
    finally:
        process.kill()
        process.communicate()


def test_requests_finish_and_new_ones_are_refused_when_it_stops():
    # Long enough that the server stops in the middle of it, on any machine.
    tiled = (np.tile(photograph(name), (3, 3, 1)) for name in ("astronaut", "coffee"))
    large = dict(zip(("cover", "secret"), map(png, tiled), strict=True))
    with (
        server("--workers", "2", "--at-once", "1", "--drain-seconds", "0.3") as (process, client),
        ThreadPoolExecutor(1) as pool,
    ):
        slow = pool.submit(client.post, "/hide", files=large, data={"passphrase": PASSPHRASE})
        time.sleep(0.4)
        assert not slow.done()
        process.send_signal(signal.SIGTERM)
        refused = []
        while not slow.done():
            try:
                answer = client.post("/capacity", files={"cover": PAIR["cover"]})
            except httpx2.TransportError:
                break  # it has finished
            # One that came before the signal did is answered.
            refused += [answer] if answer.status_code != 200 else []
            time.sleep(0.05)
        made = slow.result()
        out, errors = process.communicate(timeout=60)
    assert made.status_code == 200, made.text
    assert problem(refused[-1]) == (503, "stopping") and refused[-1].headers["retry-after"]
    assert process.returncode == 0 and not errors
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["event"] for line in lines if line["event"] != "request"] == [
        *["stopping"] * 2,
        "stopped",
    ]
    assert PASSPHRASE not in out and json.dumps(PASSPHRASE)[1:-1] not in out


def test_stalled_clients_are_cut_off():
    with server("--seconds-to-send", "1") as (process, client):
        address = client.base_url.host, client.base_url.port
        with socket.create_connection(address, timeout=20) as slow:
            slow.sendall(b"POST /reveal HTTP/1.1\r\nHost: x")
            assert slow.recv(100) == b"", "no answer to half a head, but an end"
        text = client.get("/metrics").text
        assert 'plainsight_info{device="cpu",model="clear",version="' in text
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=20)
        assert process.returncode == 0 and '"event": "stopped"' in out and not errors


def test_what_is_wrong_is_said_at_once():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        made = run_module("runtime", "serve", "--port", port)
    assert made.returncode == 2 and f"cannot listen on 127.0.0.1 port {port}: " in made.stderr
    made = run_module("runtime", "serve", "--model", os.devnull)
    assert made.returncode == 2
