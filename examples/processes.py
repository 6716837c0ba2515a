"""Many pictures in several processes, each with a hider of its own, made after the fork."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from pathlib import Path

import runtime

PROCESSES = 2

hider: runtime.Hider


def start_process() -> None:
    """Runs once in each process: a hider from before the fork would not work there."""
    global hider
    hider = runtime.Hider(threads=1)


def hide_one(paths: tuple[Path, Path, Path]) -> str:
    """Hides one secret in one cover; returns a line about it."""
    cover, secret, out = paths
    try:
        content = hider.hide(cover, secret)
    except runtime.PlainsightError as error:
        return f"{cover.name}: {error.code}: {error}"
    out.write_bytes(content)
    return f"{cover.name}: hidden in {out.name}"


def main() -> int:
    """Runs the script; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("covers", type=Path, metavar="COVERS", help="folder of PNG files")
    parser.add_argument("secret", type=Path, metavar="SECRET", help="picture to hide in each")
    parser.add_argument("out", type=Path, metavar="OUT", help="folder for the containers")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    work = [
        (cover, options.secret, options.out / cover.name)
        for cover in sorted(options.covers.glob("*.png"))
    ]
    with multiprocessing.Pool(PROCESSES, initializer=start_process) as pool:
        for line in pool.imap(hide_one, work):
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
