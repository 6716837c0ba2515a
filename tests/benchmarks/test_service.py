"""`python -m benchmarks service` on a small scale; the long run is in results."""

from __future__ import annotations

import asyncio
import json
import random
from pathlib import Path

import pytest
from support import ROOT

from benchmarks.service.cases import CASES, Run, make_pairs
from benchmarks.service.client import form, request
from benchmarks.service.server import serving
from benchmarks.service.soak import passed


@pytest.mark.skipif("sys.platform == 'win32'", reason="Windows has no SIGTERM")
def test_each_case_once(tmp_path: Path):
    token = "horse0123456789"
    with serving(
        *(tmp_path, "--max-megabytes", "2", "--max-megapixels", "1", "--waiting", "40"),
        *("--seconds-to-send", "1", "--drain-seconds", "0"),
    ) as server:
        run = Run(server.address, token, make_pairs(token), random.Random(1))
        every = {name: case for cases in CASES.values() for name, (_, case) in cases.items()}

        async def all_at_once() -> list[str | None]:
            return await asyncio.gather(*(case(run) for case in every.values()))

        found = dict(zip(every, asyncio.run(all_at_once()), strict=True))
        assert {name: wrong for name, wrong in found.items() if wrong} == {}
        assert server.memory() > 50 and server.processor_seconds() > 0.1
    assert server.exit_code == 0
    log = server.log.read_text()
    assert log.count('"request"') > len(every) - 5 and token not in log


def test_a_form_is_what_is_sent():
    body = form({"cover": ("a.png", b"content")}, [("bits", "2")])
    assert request("/hide", body).endswith(b"\r\n\r\n" + body)
    assert request("/hide", body, chunked=True).endswith(b"\r\n0\r\n\r\n")


def test_the_long_run_had_nothing_wrong():
    path = ROOT / "results" / "robustness" / "service.json"
    mixed = json.loads(path.read_text())["mixed"]
    assert mixed["requests"] == 10_000 and passed(mixed)
    page = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
    for value in (mixed["memory_mib"][0][1], mixed["memory_mib"][-1][1], mixed["log_lines"]):
        assert f"{int(value):,}" in page
    assert sum(sum(names.values()) for names in mixed["outcomes"].values()) == 10_000
