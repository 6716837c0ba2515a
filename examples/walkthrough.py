"""From photographs to containers and back, damaged ones included; the files stay in DIR."""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from photographs import write_photographs

import runtime

Picture = NDArray[np.uint8]


def psnr(picture: Picture, estimate: Picture) -> float:
    """Peak signal-to-noise ratio in dB over RGB: 40 is hard to see, infinite is identical."""
    error = np.mean((picture.astype(float) - estimate) ** 2)
    return 10 * math.log10(255**2 / error) if error else math.inf


def walk(folder: Path) -> None:
    """Runs the steps one by one."""
    write_photographs(folder / "photos")
    cover = runtime.read_picture(folder / "photos" / "covers" / "coffee.png")
    secret = runtime.read_picture(folder / "photos" / "secrets" / "rocket.png")
    print(f"1. a cover of {size(cover)} and a secret of {size(secret)} pixels")

    print("2. hide a picture, at each number of bits, through files:")
    revealer = runtime.Revealer()
    for bits in (1, 2, 3):
        path = folder / f"container-{bits}.png"
        runtime.write_picture(path, runtime.Hider(bits=bits).hide(cover, secret))
        container = runtime.read_picture(path)
        revealed = revealer.reveal(container)
        runtime.write_picture(folder / f"revealed-{bits}.png", revealed)
        print(
            f"   {bits} of 8 bits per sample: the cover is at {psnr(cover, container):.1f} dB, "
            f"the revealed secret at {psnr(secret, revealed):.1f} dB"
        )

    print("   a JPEG file comes back byte for byte:")
    done, content = cv2.imencode(".jpg", secret[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
    assert done
    file = content.tobytes()
    hidden = runtime.Hider().hide(folder / "photos" / "covers" / "coffee.png", file)
    changed = runtime.read_picture(folder / "photos" / "covers" / "coffee.png")
    (folder / "container-file.png").write_bytes(hidden)
    container = runtime.read_picture(folder / "container-file.png")
    print(
        f"   {len(file):,} bytes, the same: {revealer.reveal(hidden) == file}; "
        f"the cover is at {psnr(changed, container):.1f} dB"
    )

    print("3. reveal a cover that holds nothing:")
    tell(revealer, cover)

    print("4. change a few pixels of a large container:")
    large = np.tile(cover, (2, 2, 1))
    damaged = runtime.Hider(exact="never").hide(large, np.tile(secret, (2, 2, 1)))
    damaged[-110:-100, -110:-100] = 255
    runtime.write_picture(folder / "damaged.png", damaged)
    rest = tell(revealer, damaged)
    if rest is not None:
        runtime.write_picture(folder / "revealed-damaged.png", rest)

    print("5. crop it:")
    tell(revealer, damaged[:-1])

    print("6. save a container as JPEG:")
    container = runtime.read_picture(folder / "container-2.png")
    done, content = cv2.imencode(".jpg", container[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
    assert done
    (folder / "container.jpg").write_bytes(content.tobytes())
    tell(revealer, runtime.read_picture(folder / "container.jpg"))

    print("7. hide under a passphrase, and reveal without it:")
    protected = runtime.Hider().hide(cover, secret, passphrase="six random words are enough")
    runtime.write_picture(folder / "protected.png", protected)
    tell(revealer, protected)


def tell(revealer: runtime.Revealer, container: Picture) -> Picture | None:
    """Prints the outcome for a container; returns what is left of the secret."""
    try:
        revealed = revealer.reveal(container)
    except runtime.AlteredError as error:
        print(f"   {error.code}: {error}")
        return revealer.recover(container).picture if error.damage else None
    except runtime.ContainerError as error:
        print(f"   {error.code}: {error}")
        return None
    print(f"   revealed, {size(revealed)}")
    return revealed


def size(picture: Picture) -> str:
    """Width x height."""
    return f"{picture.shape[1]} x {picture.shape[0]}"


def main() -> int:
    """Runs the script; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="new folder for the files")
    folder = parser.parse_args().folder
    try:
        folder.mkdir(parents=True)
        walk(folder)
    except (OSError, runtime.PlainsightError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
