"""Sizes of clusters: what is full first, and that the page has what was measured."""

from __future__ import annotations

import json

import pytest
from support import ROOT

from benchmarks.cluster import sizing
from benchmarks.cluster.command import PAGE

SIZES = ROOT / "results" / "cluster.json"
KILLS = ROOT / "results" / "robustness" / "cluster.json"
RATE = {
    "processor_seconds": 0.9,
    "bytes_read": 10_000_000,
    "bytes_written": 1_000_000,
    "gets": 2,
    "puts": 1,
}


def test_the_first_full_part_sets_the_rate():
    one, ten, many = sizing.sizes(RATE, 1 / 5000)
    assert (one["full_first"], one["pictures_per_hour"]) == ("cores", 16 * 3600)
    assert ten["pictures_per_hour"] == 10 * one["pictures_per_hour"]
    assert (many["full_first"], many["pictures_per_hour"]) == ("store", 2750 * 3600)
    assert many["in_use"]["cores"] < 0.2 and many["in_use"]["store"] == 1
    assert many["dollars_per_million"] > one["dollars_per_million"]
    assert sizing.sizes(RATE, 1 / 50)[2]["full_first"] == "driver"
    assert sizing.sizes({**RATE, "bytes_read": 10**9}, 1 / 5000)[0]["full_first"] == "network"


@pytest.mark.skipif(not SIZES.exists(), reason="`python -m benchmarks cluster` was not run yet")
def test_the_page_has_the_result():
    report = json.loads(SIZES.read_text(encoding="utf-8"))
    page = PAGE.read_text(encoding="utf-8")
    assert sizing.updated(page, report) == page
    for command in ("hide", "reveal"):
        driver = report["ratio"]["driver_seconds_per_picture"]
        assert sizing.sizes(report["rates"][command], driver) == report["sizes"][command]


@pytest.mark.skipif(not KILLS.exists(), reason="the cluster's robustness was not measured yet")
def test_nothing_was_lost():
    report = json.loads(KILLS.read_text(encoding="utf-8"))["cluster"]
    assert report["problems"] == []
    assert report["pictures"] >= 2000
    assert report["worker_kills"] >= 20 and report["driver_kills"] >= 2
    assert report["secrets_that_differ"] == report["log_files_with_the_passphrase"] == 0
