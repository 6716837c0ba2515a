"""How a command runs on a cluster, from the plan to the summary."""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from runtime.batch.plan import OPEN
from runtime.cli.options import MEGA
from runtime.cli.report import list_line
from runtime.cli.run import DONE, INTERRUPTED, SOME_FAILED, say
from runtime.distributed.options import GIB, settings_of
from runtime.distributed.places import absolute, join
from runtime.distributed.plan import (
    Plan,
    extension_of,
    plan_hide,
    plan_manifest,
    plan_reveal,
    undone,
)
from runtime.distributed.settings import Row
from runtime.engine.models import load_model
from runtime.errors import UsageError
from runtime.images.formats import FORMATS
from runtime.schemes import recognizing_models, scheme_of


def run(options: argparse.Namespace) -> int:
    """Runs the command; returns its exit code."""
    command: str = options.command
    plan = _plan(options, command)
    rows = plan.rows[: options.limit]
    if options.dry_run:
        return _print_plan(rows, plan.pairing, options)
    done: list[tuple[Row, str]] = []
    if not options.overwrite:
        rows, done = undone(Plan(rows), options.out)
    if not options.quiet:
        _say_plan(plan, rows, done)
    try:
        from runtime.distributed.report import Report
    except ImportError as error:
        raise _no_ray() from error
    report = Report(options.report or _report_place(options.out, command), command)
    counts, start = _Counts(), time.perf_counter()
    for row, place in done:
        record = _skipped(row, place, command, options)
        report.add(record)
        counts.add(record)
    stopped = False
    try:
        if rows:
            for record in _records(rows, plan, command, options):
                report.add(record)
                counts.add(record)
                _show(record, options)
                if options.fail_fast and record["status"] in ("failed", "partly"):
                    say("stopping because of --fail-fast")
                    break
    except KeyboardInterrupt:
        stopped = True
    report.close()
    if not options.quiet:
        say(counts.summary(len(rows) + len(done), command, options.out, start))
    if stopped:
        return INTERRUPTED
    return SOME_FAILED if counts.failed else DONE


def _plan(options: argparse.Namespace, command: str) -> Plan:
    sources: list[str] = (
        [options.covers, options.secrets] if command == "hide" else [options.containers]
    )
    formats = tuple(FORMATS)
    if command == "hide":
        formats = scheme_of(load_model(options.model)).container_formats
    if options.manifest is not None:
        if any(sources) or options.format:
            raise UsageError("--manifest takes the place of folders and of --format")
        return plan_manifest(command, options.manifest, options.out, formats)
    if not all(sources):
        needed = "COVERS and SECRETS" if command == "hide" else "CONTAINERS"
        raise UsageError(f"{needed} or --manifest must be given")
    if options.format and command == "hide" and options.format not in formats:
        allowed = ", ".join(formats)
        raise UsageError(f"format must be one of {allowed}, got {options.format!r}")
    if command == "hide":
        covers, secrets = sources
        return plan_hide(covers, secrets, options.out, extension_of(options.format or formats[0]))
    extension = extension_of(options.format) if options.format else OPEN
    return plan_reveal(sources[0], options.out, extension)


def _records(
    rows: list[Row], plan: Plan, command: str, options: argparse.Namespace
) -> Iterator[dict[str, Any]]:
    try:
        from runtime.distributed.cluster import check_worker, connect, room_for, run_rows
    except ImportError as error:
        raise _no_ray() from error
    connect(options.address)
    memory = None if options.memory is None else options.memory * GIB
    room = room_for(options.cores, options.gpus, memory, options.workers)
    settings = settings_of(options, command, room.memory, one_secret=plan.one_secret)
    model, device, why = check_worker(settings, room)
    if not options.quiet:
        say(f"model {model} on {device} ({why})")
        say(
            f"workers: {room.workers}, each with cores: {room.cores}, GPUs: {room.gpus:g}, "
            f"memory: {room.memory / GIB:.2f} GiB"
        )
    for line in run_rows(rows, settings, room, progress=not options.quiet):
        yield json.loads(line)


def _no_ray() -> UsageError:
    return UsageError("Ray is not installed: pip install 'plainsight-onnx[ray]'")


def _report_place(out: str, command: str) -> str:
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    return join(absolute(out), PurePosixPath(f"report-{command}-{now}.parquet"))


def _skipped(row: Row, place: str, command: str, options: argparse.Namespace) -> dict[str, Any]:
    """The record of a picture that was done before."""
    paths = (
        {"cover": row.source, "secret": row.secret, "container": place}
        if command == "hide"
        else {"container": row.source, "revealed": place}
    )
    models = recognizing_models() if options.model is None else [load_model(options.model).name]
    return {"status": "skipped", **paths, "model": ", ".join(models)}


class _Counts:
    def __init__(self) -> None:
        self._status: Counter[str] = Counter()
        self._pixels = 0

    def add(self, record: dict[str, Any]) -> None:
        self._status[record["status"]] += 1
        self._pixels += (record.get("height") or 0) * (record.get("width") or 0)

    @property
    def failed(self) -> int:
        return self._status["failed"] + self._status["partly"]

    def summary(self, total: int, command: str, out: str, start: float) -> str:
        seconds = time.perf_counter() - start
        done = {"hide": "hidden", "reveal": "revealed"}[command]
        line = f"{self._status['done']} of {total} {done}, in {out}"
        if self._status["skipped"]:
            line += f"; {self._status['skipped']} already existed"
        if self.failed:
            line += f"; {self.failed} failed"
        if left := total - self._status.total():
            line += f"; {left} not started"
        return f"{line} ({self._pixels / MEGA:.1f} megapixels in {seconds:.1f} s)"


def _show(record: dict[str, Any], options: argparse.Namespace) -> None:
    source = record.get("cover") or record["container"]
    if options.json:
        print(json.dumps(record), flush=True)
    if not options.quiet:
        for note in record["notes"]:
            say(f"warning: {source}: {note}")
    if record["error"]:
        say(f"error: {source}: {record['error']['message']}")


def _say_plan(plan: Plan, rows: list[Row], done: list[tuple[Row, str]]) -> None:
    pictures = f"pictures: {len(rows) + len(done)}"
    say(f"{pictures}; {plan.pairing}" if plan.pairing else pictures)
    if done:
        say(f"already done: {len(done)}")
    if plan.left_out:
        say(f"left out: {plan.left_out} files that are not pictures of a supported format")


def _print_plan(rows: list[Row], pairing: str, options: argparse.Namespace) -> int:
    for row in rows:
        if options.json:
            names = ("cover", "container") if row.secret else ("container", "revealed")
            paths = dict(zip(names, (row.source, row.target), strict=True))
            secret = {"secret": row.secret} if row.secret else {}
            print(json.dumps({"status": "planned", **paths, **secret}))
        elif row.secret:
            list_line(f"{row.secret} -> {row.source} -> {row.target}")
        else:
            list_line(f"{row.source} -> {row.target}")
    done = "hidden" if pairing else "revealed"
    say(f"{len(rows)} would be {done}; nothing was done")
    return DONE
