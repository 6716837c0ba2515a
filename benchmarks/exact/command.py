"""How many JPEG photographs of a folder come back byte for byte, in covers of as many pixels.

The cover of each is the next photograph, cropped and resized to the same size. Then folders of them
are timed, beside decoding and encoding the same files alone; and the memory of processes with one
picture of 24 megapixels is measured, on Linux.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.common.command import add_outputs, guarded
from benchmarks.common.photographs import find_photographs
from benchmarks.common.provenance import provenance
from benchmarks.common.results import write_result
from benchmarks.exact import memory, speed, table
from benchmarks.exact.count import count, jpeg_files
from runtime.engine.models import DEFAULT


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks exact", description=__doc__)
    add = parser.add_argument
    add("photographs", type=Path, metavar="DIR", help="folder with JPEG photographs")
    add(
        "--bits",
        type=int,
        nargs="+",
        choices=(1, 2, 3),
        default=[1, 2, 3],
        help="most bits per sample (1 2 3)",
    )
    add("--pictures", type=int, metavar="N", help="count this many only, spread over the folder")
    add(
        "--timed",
        type=int,
        default=48,
        metavar="N",
        help="photographs that are timed, at the middle one of the payloads (%(default)s)",
    )
    add("--rounds", type=int, default=5, metavar="N", help="passes of each loop (%(default)s)")
    add("--no-memory", action="store_true", help="leave out the picture of 24 megapixels")
    add_outputs(parser)
    options = parser.parse_args(arguments)
    return guarded(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as folder:
        files = jpeg_files(find_photographs(options.photographs, Path(folder)))
        if len(files) < 2:
            raise ValueError(f"{options.photographs} has {len(files)} JPEG files; 2 are needed")
        counted = _spread(files, options.pictures or len(files))
        result: dict[str, Any] = {
            "benchmark": "exact",
            "photographs": options.photographs.name,
            **provenance(DEFAULT),
            "counts": [count(counted, bits) for bits in options.bits],
        }
        bits = sorted(options.bits)[len(options.bits) // 2]
        timed = _spread(files, options.timed)
        result["speed"] = speed.measure(timed, bits, options.rounds, Path(folder) / "speed")
        tables = [table.markdown(result), table.speed(result)]
        if not options.no_memory:
            result["memory"] = memory.measure(timed, Path(folder) / "memory")
            tables.append(table.memory(result))
    print("\n\n".join(tables))
    write_result(options.json, result)
    return 0


def _spread(files: list[Path], most: int) -> list[Path]:
    """At most so many of the files, at equal distances."""
    count = min(most, len(files))
    return [files[number * len(files) // count] for number in range(count)]
