"""`python -m export.clear`: builds the graphs of `clear` from fitted tables, and proves them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np

from export import manifest
from export.bundled import bundled_photographs
from export.clear.hide import build_hide
from export.clear.quality import measure
from export.clear.reveal import build_reveal
from export.operators import check_operators
from export.parity import ParityError, Pictures, session
from codec import blocks
from codec.codec import Codec, extract
from training.clear.decoded import decode, step_of
from codec.blocks import Floats
from codec.tables import Tables
from training.photographs import find_photographs
from training.settings import Settings

PAYLOADS = (1, 2, 3)
SIZES = ((128, 128), (96, 160), (101, 67))
MOST_DIFFERING = 1e-3


Refine = Callable[[Floats, np.float32], Floats]


def check_against_reference(
    hide: bytes,
    reveal: bytes,
    tables: Tables,
    photographs: list[Pictures],
    refine: Refine | None = None,
) -> float:
    """Compares the graphs with the reference codec; returns the share of samples that differ.

    Args:
        hide: Serialized graph.
        reveal: Likewise.
        tables: Of the reference.
        photographs: Two or more, uint8 (height, width, 3), each at least 160 pixels a side.
        refine: What the restoring network, if there is one, does in Keras to a decoded picture,
            given the step.

    Raises:
        ParityError: A container's words are not what the reference reads and writes, or a
            revealed secret differs by more than one level or on more than 0.1% of its samples.
    """
    codec = Codec(tables)
    worst = 0.0
    for optimized in (False, True):
        hider, revealer = session(hide, optimized), session(reveal, optimized)
        for (height, width), bits in ((size, bits) for size in SIZES for bits in PAYLOADS):
            cover, secret = (np.stack([p[:height, :width]]) for p in photographs[:2])
            pad = np.random.default_rng(bits).integers(0, 256, cover.shape).astype(np.uint8)
            header = np.arange(blocks.USER_BYTES, dtype=np.uint8)[None]
            common = {"pad": pad, "bits": np.array(bits, np.int64)}
            feed = {"cover": cover, "secret": secret, "header": header, **common}
            (container,) = hider.run(["container"], feed)
            feed = {"container": container, **common}
            revealed, found, intact = revealer.run(["secret", "header", "intact"], feed)
            words = extract(container[0], pad[0], bits)
            code, user, whole = codec.decode(words, height, width)
            again = codec.encode(code, user, len(words))
            if not (whole and intact.all() and np.array_equal(again, words)):
                raise ParityError(
                    f"the code at {height}x{width}, {bits} bits is not the reference's"
                )
            if not np.array_equal(found, header) or user != header.tobytes():
                raise ParityError(f"the header at {height}x{width}, {bits} bits did not come back")
            floats = decode(codec, code)
            if refine is not None:
                floats = refine(floats, step_of(code))
            expected = blocks.to_picture(floats, height, width)
            difference = np.abs(expected.astype(np.int16) - revealed[0].astype(np.int16))
            share = float(np.mean(difference > 0))
            if difference.max() > 1 or share > MOST_DIFFERING:
                raise ParityError(
                    f"revealed differs from the reference by up to {difference.max()} levels on "
                    f"{share:.2%} of samples at {height}x{width}, {bits} bits"
                )
            worst = max(worst, share)
    return worst


def _described(settings: Settings, steps: int) -> dict[str, Any]:
    """What the manifest says of how the restoring network was trained."""
    return {
        "commit": settings.commit,
        "steps": steps,
        "photographs": len(settings.train),
        "passes": settings.passes,
        "width": settings.width,
        "batch": settings.batch,
        "crop": settings.crop,
        "lr": settings.lr,
        "precision": settings.precision,
        "seed": settings.seed,
    }


def _export(tables_file: Path, run: Path | None, out: Path, photographs: Path | None) -> None:
    tables, weights = Tables.load(tables_file), tables_file.read_bytes()
    network = None
    training: dict[str, Any] = {"modes": int(tables.scales.shape[1])}
    refine: Refine | None = None
    if run is not None:
        from export.clear.trained import load_network, weights_of
        from training import checkpoint

        trained = load_network(run)
        if trained.settings.tables != manifest.sha256(weights):
            raise ValueError(f"{run} was trained on other tables than {tables_file}")
        network, refine = weights_of(trained.network, trained.config), trained.refine
        weights += (run / checkpoint.NAME).read_bytes()
        training |= {"network": _described(trained.settings, trained.steps)}
    graphs = {"hide": build_hide(tables), "reveal": build_reveal(tables, network)}
    for graph in graphs.values():
        check_operators(graph)
    hide, reveal = (graph.SerializeToString() for graph in graphs.values())
    with bundled_photographs() as bundled:
        pictures = [picture for _, picture in bundled]
        differing = check_against_reference(hide, reveal, tables, pictures, refine)
        files = find_photographs(photographs) if photographs else [path for path, _ in bundled]
        print(f"parity holds; measuring on {len(files)} photographs", flush=True)
        measured = [measure(hide, reveal, files, bits) for bits in PAYLOADS]
    # Times are the business of benchmarks, on a quiet machine.
    quality: dict[str, Any] = {
        "photographs": photographs.name if photographs else "scikit-image",
        "pairs": len(files),
        "by_bits": {
            str(row["bits"]): {k: v for k, v in row.items() if k.endswith(("_psnr", "_ssim"))}
            for row in measured
        },
    }
    description = manifest.describe(
        "clear",
        payload=list(PAYLOADS),
        halo=None,
        training=training,
        weights_sha256=manifest.sha256(weights),
        quality=quality,
        parity={"differing_samples": round(differing, 8)},
    )
    manifest.write(out, description, graphs)
    for bits, row in quality["by_bits"].items():
        cover, revealed = row["cover_psnr"], row["revealed_psnr"]
        print(
            f"{out}, {bits} bits: cover {cover['mean']:.2f} dB (worst {cover['worst']:.2f}), "
            f"revealed {revealed['mean']:.2f} dB (worst {revealed['worst']:.2f})"
        )


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m export.clear", description=__doc__)
    parser.add_argument("tables", type=Path, help="what training.clear.fit wrote")
    parser.add_argument(
        "--network", type=Path, metavar="RUN", help="folder of the restoring network's training run"
    )
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder of the model")
    parser.add_argument(
        "--photographs",
        type=Path,
        help="folder to measure quality on (default: a few that scikit-image carries)",
    )
    options = parser.parse_args(arguments)
    try:
        _export(options.tables, options.network, options.out, options.photographs)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; nothing was written", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
