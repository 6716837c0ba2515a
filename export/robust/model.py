"""Builds the graphs of `robust`, which follow from the constants of `dct` alone."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from dct import lattice, ldpc, search
from dct.blocks import blocks_of, luma
from dct.resampling import Axis
from export.candidate import Candidate
from export.operators import check_operators
from export.parity import ParityError, Pictures, differing, session
from export.robust.code import build_decode, build_encode
from export.robust.find import build_find
from export.robust.hide import build_hide
from export.robust.read import build_read
from runtime.carriers.dct import layout, strengths
from runtime.carriers.dct.strengths import STRENGTHS

BUILDS = {
    "hide": build_hide,
    "read": build_read,
    "find": build_find,
    "encode": build_encode,
    "decode": build_decode,
}
_SIDE = 256
_QUALITY = {"normal": (75,), "strong": (50,), "max": (50,)}


def build(source: Path, values: dict[str, Any]) -> Candidate:
    """Builds the graphs from the modules in the folder `dct`, and a network; see `Module`."""
    # With the constants that the runtime keeps.
    shared = (Path(inspect.getfile(module)) for module in (strengths, layout))
    modules = [*sorted(source.glob("*.py")), *shared]
    if not (source / "base_matrix.py").is_file():
        raise ValueError(f"{source} is not the folder dct")
    graphs = {name: make() for name, make in BUILDS.items()}
    weights = b"".join(module.read_bytes() for module in modules)
    training: dict[str, Any] = {"constants": "dct"}
    network = None
    if values["restore"] is not None:
        # Keras takes seconds to import.
        from export.robust.restore import build_restore, load_restore

        network, training["restore"], trained = load_restore(values["restore"])
        graphs["restore"] = build_restore(network)
        weights += trained
    for graph in graphs.values():
        check_operators(graph)
    serialized = {name: graph.SerializeToString() for name, graph in graphs.items()}
    return Candidate(
        graphs,
        weights,
        training,
        lambda photographs: _check(serialized, network, photographs),
        _measure,
        _summary,
    )


def _check(graphs: dict[str, bytes], network: Any, photographs: list[Pictures]) -> dict[str, float]:
    """Compares the graphs with the reference; see `Candidate.check`."""
    run = {name: session(graph).run for name, graph in graphs.items()}
    worst = {"differing_samples": 0.0, "closeness": 0.0, "scores": 0.0}
    rng = np.random.default_rng(0)
    for picture in photographs[:2]:
        cover = np.ascontiguousarray(picture[:_SIDE, : _SIDE - 5])
        rows, columns = blocks_of(*cover.shape[:2])
        candidates = np.array([[0, 1, 0, 1], [-0.05, 0.9, 0.1, 1.2]], np.float32)
        feed = {"picture": cover, "candidates": candidates, "side": np.array(search.SIDE)}
        (scores,) = run["find"](None, feed)
        expected = [search.score(luma(cover), Axis(*c[:2]), Axis(*c[2:])) for c in candidates]
        off = np.abs(scores.max(axis=1).clip(0) - [one.score for one in expected]).max()
        worst["scores"] = max(worst["scores"], float(off))
        for strength in STRENGTHS:
            number = np.array(strength.number)
            size = (rows * columns, strength.places)
            phases = rng.integers(0, 256, size, dtype=np.uint8)
            feed = {"cover": cover, "phases": phases, "strength": number}
            (container,) = run["hide"](None, feed)
            share = differing(lattice.embed(cover, phases, strength), container, "hide")
            worst["differing_samples"] = max(worst["differing_samples"], share)
            feed = {
                "picture": container,
                "dither": phases.reshape(rows, columns, -1),
                "rows": np.array([0, 1], np.float32),
                "columns": np.array([0, 1], np.float32),
                "gains": np.ones(strength.places, np.float32),
                "strength": number,
            }
            _, near = run["read"](None, feed)
            read = lattice.coefficients(luma(container), strength)
            off = np.abs(near.reshape(size) - lattice.closeness(read, phases, strength.steps)).max()
            worst["closeness"] = max(worst["closeness"], float(off))
    if worst["closeness"] > 0.01 or worst["scores"] > 0.05:
        raise ParityError(f"read or find differs from its reference: {worst}")
    for information, sent in ((224, 1207), (777, 2000)):
        code = ldpc.Code(information, sent)
        bits = rng.integers(0, 2, (2, information), dtype=np.uint8)
        (word,) = run["encode"](None, {"information": bits, "length": np.array(sent)})
        if not np.array_equal(word, ldpc.encode(code, bits)):
            raise ParityError("encode differs from its reference")
        soft = (3 - 6.0 * word + 2 * rng.standard_normal(word.shape)).astype(np.float32)
        feed = {"soft": soft, "bits": np.array(information)}
        found, valid, _ = run["decode"](None, feed)
        if not valid.all() or not np.array_equal(found, bits):
            raise ParityError("decode does not return what was encoded")
    if network is not None:
        from export.robust.restore import check_restore

        worst["restored_samples"] = check_restore(graphs["restore"], network, photographs)
    return worst


def _measure(files: list[Path]) -> dict[str, Any]:
    """Quality of covers, and the share of bits read wrong after the JPEG each strength is for."""
    rng = np.random.default_rng(0)
    rows: dict[str, Any] = {}
    for strength in STRENGTHS:
        (quality,) = _QUALITY[strength.name]
        psnrs, wrong = [], []
        for file in files:
            cover = cv2.imread(str(file), cv2.IMREAD_COLOR_RGB)
            if cover is None:
                raise OSError(f"{file} cannot be read")
            cover = np.asarray(cover, np.uint8)[:512, :512]
            size = blocks_of(*cover.shape[:2])
            dither = rng.integers(0, 256, (size[0] * size[1], strength.places), dtype=np.uint8)
            bits = rng.integers(0, 2, dither.shape, dtype=np.uint8)
            container = lattice.embed(cover, dither + np.uint8(128) * bits, strength)
            error = np.mean((container.astype(np.float64) - cover) ** 2)
            psnrs.append(float(10 * np.log10(255**2 / error)))
            _, content = cv2.imencode(
                ".jpg", container[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality]
            )
            back = cv2.imdecode(content, cv2.IMREAD_COLOR_RGB)
            read = lattice.coefficients(luma(np.asarray(back, np.uint8)), strength)
            near = lattice.closeness(read, dither, strength.steps)
            wrong.append(float(np.mean((near < 0) != (bits > 0))))
        rows[strength.name] = {
            "cover_psnr": {"mean": round(float(np.mean(psnrs)), 2), "worst": round(min(psnrs), 2)},
            "jpeg_quality": quality,
            "wrong_bits": round(float(np.mean(wrong)), 4),
        }
    return {"by_strength": rows}


def _summary(quality: dict[str, Any]) -> list[str]:
    return [
        f"{name}: cover {row['cover_psnr']['mean']:.2f} dB, {row['wrong_bits']:.1%} of bits wrong "
        f"after JPEG {row['jpeg_quality']}, before correction"
        for name, row in quality["by_strength"].items()
    ]
