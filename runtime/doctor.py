"""The doctor command: `python -m runtime.doctor` checks the installation."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import platform
import sys
import time
from dataclasses import dataclass
from typing import Any

from runtime.cli.options import add_device_options
from runtime.cli.run import DONE, SOME_FAILED, run_command
from runtime.engine.cores import cores
from runtime.engine.devices import available_providers, broken_install
from runtime.engine.models import load_model, shipped_models
from runtime.errors import PlainsightError
from runtime.hider import Hider
from runtime.images.metrics import psnr
from runtime.images.trial import trial_pair
from runtime.revealer import Revealer
from runtime.schemes import scheme_of

DESCRIPTION = (
    "Print versions, devices and models, try a round trip, and say what to do about each problem."
)
_PACKAGES = (
    *("plainsight-onnx", "numpy", "opencv-python", "pillow", "simplejpeg", "tifffile"),
    *("cryptography", "onnxruntime", "onnxruntime-gpu"),
)
_SIDE = 512


@dataclass(frozen=True)
class Finding:
    """The result of one check.

    Attributes:
        name: What was checked.
        value: What was found.
        problem: What is wrong and what to do about it, or None.
    """

    name: str
    value: str
    problem: str | None = None


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    add_device_options(parser)
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object on standard output"
    )


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
        print("no problems found" if not problems else f"{len(problems)} problems, see above")
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
        return [Finding("models", "none", "the models are missing; install plainsight-onnx again")]
    return [_model(name) for name in names]


def _model(name: str) -> Finding:
    try:
        model = load_model(name)
        scheme = scheme_of(model)
        graphs = list({**scheme.hide_graphs, **scheme.reveal_graphs})
        for graph in graphs:
            model.graph(graph)
    except PlainsightError as error:
        return Finding(f"model {name}", "damaged", str(error))
    sums = [f"{graph}.onnx {model.sha256(graph)[:16]}" for graph in graphs]
    return Finding(f"model {name}", f"{', '.join(sums)} (SHA-256 as in the manifest)")


def _round_trip(options: argparse.Namespace) -> list[Finding]:
    try:
        hider = Hider(options.model, device=options.device, threads=options.threads)
        revealer = Revealer(options.model, device=options.device, threads=options.threads)
        cover, secret = trial_pair(_SIDE)
        revealer.reveal(hider.hide(cover, secret))  # warm-up: first runs are slow
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
        problem = "the revealed picture is not the hidden one: try --device cpu, and report this"
    return [Finding("round trip", value, problem)]


def main(arguments: list[str] | None = None) -> int:
    """Parses arguments and runs the command; returns its exit code."""
    return run_command(configure, run, arguments, "python -m runtime.doctor", DESCRIPTION)


if __name__ == "__main__":
    sys.exit(main())
