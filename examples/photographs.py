"""Writes a few of scikit-image's photographs to try things on: DIR/covers and DIR/secrets."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import skimage.data
import skimage.io

COVERS = ("astronaut", "chelsea", "coffee")
SECRETS = ("hubble_deep_field", "rocket", "stereo_motorcycle")


def write_photographs(folder: Path) -> list[Path]:
    """Writes the photographs as PNG; returns their paths."""
    written = []
    for part, names in (("covers", COVERS), ("secrets", SECRETS)):
        (folder / part).mkdir(parents=True, exist_ok=True)
        for name in names:
            picture = getattr(skimage.data, name)()
            if isinstance(picture, tuple):
                picture = picture[0]
            path = folder / part / f"{name}.png"
            skimage.io.imsave(path, picture, check_contrast=False)
            written.append(path)
    return written


def main() -> int:
    """Runs the script; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder to write to")
    folder = parser.parse_args().folder
    try:
        for path in write_photographs(folder):
            print(path)
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
