"""Checks what the sdist and the wheel in a folder hold: `python scripts/check_archives.py DIR`."""

from __future__ import annotations

import hashlib
import json
import sys
import tarfile
import tomllib
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
GRAPHS = {
    "classic": ("hide.onnx", "reveal.onnx"),
    "clear": ("estimate.onnx", "hide.onnx", "reveal.onnx"),
    "quiet": ("costs.onnx",),
    "robust": (
        "decode.onnx",
        "encode.onnx",
        "find.onnx",
        "hide.onnx",
        "read.onnx",
        "restore.onnx",
    ),
}
MODELS = [
    f"models/{model}/{file}"
    for model, graphs in GRAPHS.items()
    for file in (*graphs, "manifest.json")
]
ENTRY_POINTS = {
    "[console_scripts]": "plainsight = runtime.__main__:main",
    "[pyinstaller40]": "hook-dirs = runtime.pyinstaller:hook_dirs",
}
IN_SDIST = (
    *("LICENSE", "README.md", "CHANGELOG.md", "SECURITY.md", "CITATION.cff", "pyproject.toml"),
    *("runtime/py.typed", *MODELS, *(f"models/{model}/README.md" for model in GRAPHS)),
)
LARGEST = 20 << 20


def check_wheel(path: Path) -> list[str]:
    """What is wrong with the wheel."""
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        info = next(name.split("/")[0] for name in names if ".dist-info/" in name)
        wanted = {"runtime/__init__.py", "runtime/py.typed", f"{info}/licenses/LICENSE"}
        wanted |= {f"runtime/{model}" for model in MODELS}
        wrong = [f"{path.name} lacks {name}" for name in sorted(wanted - names)]
        if wrong:
            return wrong
        others = {name for name in names if not name.startswith(("runtime/", f"{info}/"))}
        others |= {name for name in names if "__pycache__" in name or "/tests/" in name}
        wrong += [f"{path.name} should not have {name}" for name in sorted(others)]
        points = archive.read(f"{info}/entry_points.txt").decode().splitlines()
        for group, point in ENTRY_POINTS.items():
            if group not in points or point not in points:
                wrong.append(f"{path.name} has no entry point {point!r} in {group}")
        metadata = Parser().parsestr(archive.read(f"{info}/METADATA").decode())
        wrong += [f"{path.name}: {each}" for each in check_metadata(metadata)]
        wrong += [f"{path.name}: {each}" for each in check_models(archive)]
    return wrong + check_size(path)


def check_metadata(metadata: Message) -> list[str]:
    """What is wrong with the metadata of the wheel."""
    wrong = [
        f"its {name} is {metadata[name]}, and should be {value}"
        for name, value in {
            "Name": PROJECT["name"],
            "Version": PROJECT["version"],
            "License-Expression": PROJECT["license"],
            "License-File": "LICENSE",
            "Requires-Python": PROJECT["requires-python"],
        }.items()
        if metadata[name] != value
    ]
    needed = [each for each in metadata.get_all("Requires-Dist", []) if "extra ==" not in each]
    if len(needed) != len(PROJECT["dependencies"]):
        wrong.append(f"it needs {needed} without an extra")
    extras = metadata.get_all("Provides-Extra", [])
    missing = set(PROJECT["optional-dependencies"]) - set(extras)
    return wrong + [f"it lacks the extra {name}" for name in sorted(missing)]


def check_models(archive: zipfile.ZipFile) -> list[str]:
    """What is wrong with the models in the wheel: graphs must be those of the manifest."""
    wrong = []
    for model, graphs in GRAPHS.items():
        manifest = json.loads(archive.read(f"runtime/models/{model}/manifest.json"))
        for graph in graphs:
            content = archive.read(f"runtime/models/{model}/{graph}")
            if hashlib.sha256(content).hexdigest() != manifest["files"][graph]["sha256"]:
                wrong.append(f"{model}/{graph} is not the one in the manifest")
    return wrong


def check_sdist(path: Path) -> list[str]:
    """What is wrong with the sdist."""
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wrong = [f"{path.name} lacks {name}" for name in sorted(set(IN_SDIST) - names)]
    return wrong + check_size(path)


def check_size(path: Path) -> list[str]:
    """What is wrong with the size of a file: something that does not belong there came along."""
    size = path.stat().st_size
    return [f"{path.name} has {size} bytes, more than {LARGEST}"] if size > LARGEST else []


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
