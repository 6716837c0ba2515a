"""Many pictures from an asyncio program: work in threads while the event loop stays free."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

import runtime

AT_ONCE = 2  # each picture takes memory, and more threads than cores gain nothing


async def hide_all(covers: list[Path], secret: Path, out: Path) -> list[str]:
    """Hides a secret in every cover and reveals it again; returns a line for each."""
    out.mkdir(parents=True, exist_ok=True)
    free = asyncio.Semaphore(AT_ONCE)
    # One hider and one revealer are enough: threads share them.
    with runtime.Hider(threads=1) as hider, runtime.Revealer(threads=1) as revealer:

        async def one(cover: Path) -> str:
            async with free:
                try:
                    container = await asyncio.to_thread(hider.hide, cover, secret)
                    revealed = await asyncio.to_thread(revealer.reveal, container)
                    await asyncio.to_thread((out / f"{cover.stem}.png").write_bytes, container)
                except runtime.PlainsightError as error:
                    return f"{cover.name}: {error.code}: {error}"
                return f"{cover.name}: hidden, and {len(revealed):,} bytes revealed"

        return await asyncio.gather(*map(one, covers))


async def count_ticks(stop: asyncio.Event) -> int:
    """Stands in for the rest of the program."""
    ticks = 0
    while not stop.is_set():
        await asyncio.sleep(0.01)
        ticks += 1
    return ticks


async def run(covers: list[Path], secret: Path, out: Path) -> None:
    """Does both at once."""
    stop = asyncio.Event()
    ticking = asyncio.create_task(count_ticks(stop))
    for line in await hide_all(covers, secret, out):
        print(line)
    stop.set()
    print(f"the event loop ran {await ticking} times meanwhile")


def main() -> int:
    """Runs the script; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("covers", type=Path, metavar="COVERS", help="folder of PNG files")
    parser.add_argument("secret", type=Path, metavar="SECRET", help="picture to hide in each")
    parser.add_argument("out", type=Path, metavar="OUT", help="folder for the containers")
    options = parser.parse_args()
    asyncio.run(run(sorted(options.covers.glob("*.png")), options.secret, options.out))
    return 0


if __name__ == "__main__":
    sys.exit(main())
