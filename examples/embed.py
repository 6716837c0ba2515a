"""Plainsight inside your own program: arrays, bytes, paths, batches, passphrases, errors."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

import runtime


def arrays(cover_file: Path, secret_file: Path) -> None:
    """Arrays in, arrays out: uint8 (height, width, 3), RGB."""
    cover, secret = runtime.read_picture(cover_file), runtime.read_picture(secret_file)
    container = runtime.Hider().hide(cover, secret)
    revealed = runtime.Revealer().reveal(container)
    changed = np.abs(container.astype(int) - cover).max()
    print(f"arrays: container {container.shape}, revealed {revealed.shape}")
    print(f"arrays: no sample of the cover changed by more than {changed} levels")


def bytes_and_paths(cover_file: Path, secret_file: Path, out: Path) -> None:
    """A cover as a file gives a file: PNG, with the cover's transparency and colour profile."""
    hider = runtime.Hider(bits=1)
    container = hider.hide(cover_file.read_bytes(), secret_file.read_bytes())
    same = hider.hide(cover_file, secret_file)
    (out / "container.png").write_bytes(container)
    revealed = runtime.Revealer().reveal(out / "container.png")
    print(f"bytes: {len(container):,} bytes hold a secret, {len(revealed):,} bytes as PNG")
    print(f"bytes: hiding again gives other bytes, as the key is new: {container != same}")


def batch(cover_file: Path, secret_file: Path) -> None:
    """Many small pictures, here the cover's four corners, are faster together."""
    cover, secret = runtime.read_picture(cover_file), runtime.read_picture(secret_file)
    tops, lefts = (slice(64), slice(-64, None)), (slice(64), slice(-64, None))
    covers = [cover[top, left] for top in tops for left in lefts]
    with runtime.Hider() as hider, runtime.Revealer() as revealer:
        containers = hider.hide_batch(covers, [secret[:64, :64]] * len(covers))
        revealed = revealer.reveal_batch(containers)
    print(f"batch: {len(revealed)} revealed, {revealed[0].shape} each")


def passphrase(cover_file: Path, secret_file: Path) -> None:
    """Only someone who knows it can reveal."""
    cover, secret = runtime.read_picture(cover_file), runtime.read_picture(secret_file)
    revealer = runtime.Revealer()
    container = runtime.Hider().hide(cover, secret, passphrase="six random words are enough")
    for attempt in ("six random words are enough", "a guess", None):
        try:
            revealer.reveal(container, passphrase=attempt)
            print(f"passphrase: {attempt!r} reveals")
        except runtime.NothingHiddenError:
            print(f"passphrase: {attempt!r} finds nothing")


def errors(cover_file: Path, secret_file: Path) -> None:
    """Each error has a `code` for programs; its text is for people."""
    cover, secret = runtime.read_picture(cover_file), runtime.read_picture(secret_file)
    container = runtime.Hider().hide(cover, secret)
    container[10:20, 10:20] = 0
    revealer = runtime.Revealer()
    try:
        revealer.reveal(container)
    except runtime.AlteredError as error:
        print(f"errors: {error.code}: {error}")
        if error.damage:
            left = revealer.recover(container)
            print(f"errors: what is left is a picture of {left.picture.shape}")
    for wrong in (Path("no such file.png"), b"no picture", cover.astype(float)):
        try:
            runtime.Hider().hide(wrong, secret)
        except runtime.PlainsightError as error:
            print(f"errors: {error.code}: {error}")


def folders(cover_file: Path, secret_file: Path, out: Path) -> None:
    """A file's error is a value: one bad picture does not stop the others."""
    for result in runtime.hide_folder(
        cover_file.parent, secret_file, out / "containers", verify=True
    ):
        if result.error or not result.quality:
            print(f"folders: {result.cover.name}: {result.error}")
            continue
        print(f"folders: {result.cover.name}: cover at {result.quality.cover:.1f} dB")


def main() -> int:
    """Runs the script; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cover", type=Path, metavar="COVER", help="picture that is seen")
    parser.add_argument("secret", type=Path, metavar="SECRET", help="picture that is hidden")
    parser.add_argument("out", type=Path, metavar="OUT", help="new folder for the output")
    options = parser.parse_args()
    try:
        options.out.mkdir(parents=True)
        arrays(options.cover, options.secret)
        bytes_and_paths(options.cover, options.secret, options.out)
        batch(options.cover, options.secret)
        passphrase(options.cover, options.secret)
        errors(options.cover, options.secret)
        folders(options.cover, options.secret, options.out)
    except (OSError, runtime.PlainsightError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
