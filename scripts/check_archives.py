"""Checks what the sdist and the wheel in a folder hold: `python scripts/check_archives.py DIR`."""

from __future__ import annotations

import sys
import tarfile
import zipfile
from pathlib import Path

MODELS = [
    f"models/{model}/{file}"
    for model in ("classic", "clear")
    for file in ("hide.onnx", "reveal.onnx", "manifest.json")
]
ENTRY_POINT = "plainsight = runtime.__main__:main"


def check_wheel(path: Path) -> list[str]:
    """What is wrong with the wheel."""
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        info = next(name.split("/")[0] for name in names if ".dist-info/" in name)
        wanted = {"runtime/__init__.py", "runtime/py.typed", f"{info}/licenses/LICENSE"}
        wanted |= {f"runtime/{model}" for model in MODELS}
        wrong = [f"{path.name} lacks {name}" for name in sorted(wanted - names)]
        others = {name for name in names if not name.startswith(("runtime/", f"{info}/"))}
        wrong += [f"{path.name} should not have {name}" for name in sorted(others)]
        points = archive.read(f"{info}/entry_points.txt").decode()
        if ENTRY_POINT not in points.splitlines():
            wrong.append(f"{path.name} has no entry point {ENTRY_POINT!r}")
    return wrong


def check_sdist(path: Path) -> list[str]:
    """What is wrong with the sdist."""
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {"LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml", "runtime/py.typed", *MODELS}
    return [f"{path.name} lacks {name}" for name in sorted(wanted - names)]


def main() -> int:
    """Checks the files in the folder; returns 1 if anything is wrong."""
    folder = Path(sys.argv[1])
    wheels, sdists = list(folder.glob("*.whl")), list(folder.glob("*.tar.gz"))
    wrong = []
    if len(wheels) != 1 or len(sdists) != 1:
        wrong.append(f"{folder} should have one wheel and one sdist")
    wrong += [each for wheel in wheels for each in check_wheel(wheel)]
    wrong += [each for sdist in sdists for each in check_sdist(sdist)]
    for each in wrong:
        print(each, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
