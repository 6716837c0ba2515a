"""The doctor command: `python -m runtime.doctor` says what there is and what is wrong with it."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import platform
import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from runtime._cli import DONE, SOME_FAILED, add_device_options, run_command
from runtime._cores import cores
from runtime._devices import available_providers, broken_install
from runtime._errors import PlainsightError
from runtime._hider import Hider
from runtime._models import Model, load_model, shipped_models
from runtime._results import psnr
from runtime._revealer import Revealer

DESCRIPTION = (
    "Say which versions, devices and models there are, try a round trip, and say what to do about "
    "each thing that is wrong."
)
_PACKAGES = (
    *("plainsight", "numpy", "opencv-python", "cryptography"),
    *("onnxruntime", "onnxruntime-gpu"),
)
_SIDE = 512


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: What it is.
        value: What was found.
        problem: What is wrong and what to do about it, or None.
    """

    name: str
    value: str
    problem: str | None = None


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    add_device_options(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")


def run(options: argparse.Namespace) -> int:
    """Runs the command; returns its exit code."""
    findings = [*_system(), *_runtime(), *_models(), *_round_trip(options)]
    problems = [finding for finding in findings if finding.problem]
    if options.json:
        report: dict[str, Any] = {
            "findings": [vars(finding) for finding in findings],
            "healthy": not problems,
        }
        print(json.dumps(report, indent=2))
    else:
        width = max(len(finding.name) for finding in findings)
        for finding in findings:
            print(f"{finding.name:<{width}}  {finding.value}")
            if finding.problem:
                print(f"{'':<{width}}  PROBLEM: {finding.problem}")
        print("all is well" if not problems else f"{len(problems)} problems, see above")
    return SOME_FAILED if problems else DONE


def _system() -> list[Finding]:
    versions = []
    for name in _PACKAGES:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return [
        Finding("python", f"{platform.python_version()} on {platform.platform()}"),
        Finding("packages", ", ".join(versions)),
        Finding("cores", str(cores())),
    ]


def _runtime() -> list[Finding]:
    try:
        providers = available_providers()
    except PlainsightError as error:
        return [Finding("onnx runtime", "missing", str(error))]
    return [Finding("providers", ", ".join(providers), broken_install())]


def _models() -> list[Finding]:
    names = shipped_models()
    if not names:
        return [Finding("models", "none", "install plainsight again: its models are missing")]
    return [_model(name) for name in names]


def _model(name: str) -> Finding:
    try:
        model: Model = load_model(name)
        for part in ("hide", "reveal"):
            model.graph(part)
    except PlainsightError as error:
        return Finding(f"model {name}", "damaged", str(error))
    sums = [
        f"{part}.onnx {model.manifest['files'][f'{part}.onnx']['sha256'][:16]}"
        for part in ("hide", "reveal")
    ]
    return Finding(f"model {name}", f"{', '.join(sums)} (SHA-256 as in the manifest)")


def _round_trip(options: argparse.Namespace) -> list[Finding]:
    try:
        hider = Hider(options.model, device=options.device, threads=options.threads)
        revealer = Revealer(options.model, device=options.device, threads=options.threads)
        rows, columns = np.mgrid[0:_SIDE, 0:_SIDE]
        cover = np.stack([rows // 3, columns // 3, (rows + columns) // 5], axis=-1)
        secret = np.ascontiguousarray(cover[::-1, :, ::-1]).astype(np.uint8)
        cover = cover.astype(np.uint8)
        revealer.reveal(hider.hide(cover, secret))  # once for nothing: first runs are slow
        start = time.perf_counter()
        container = hider.hide(cover, secret)
        hidden = time.perf_counter()
        revealed = revealer.reveal(container)
        end = time.perf_counter()
    except PlainsightError as error:
        return [Finding("round trip", "failed", str(error))]
    quality = psnr(secret, revealed)
    value = (
        f"{hider.model} on {hider.device} ({hider.device_reason}): {_SIDE} x {_SIDE} hidden in "
        f"{1e3 * (hidden - start):.0f} ms, revealed in {1e3 * (end - hidden):.0f} ms at "
        f"{quality:.1f} dB"
    )
    problem = None
    if quality < 25:
        problem = "what is revealed is not what was hidden: try --device cpu, and report this"
    return [Finding("round trip", value, problem)]


def main(arguments: list[str] | None = None) -> int:
    """Parses arguments and runs the command; returns its exit code."""
    return run_command(configure, run, arguments, "python -m runtime.doctor", DESCRIPTION)


if __name__ == "__main__":
    sys.exit(main())
