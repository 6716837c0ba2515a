"""`python -m export`: turns a training run into ONNX graphs, proven to do what the networks do."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m export",
        description="Export a training run as hide.onnx, reveal.onnx and manifest.json. Nothing "
        "is written unless the graphs are valid and do what the trained networks do.",
    )
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of the training run")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder of the model")
    parser.add_argument(
        "--photographs",
        type=Path,
        help="folder to measure quality on (default: a few that scikit-image carries)",
    )
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    options = _parser().parse_args(arguments)
    try:
        _export(options.run, options.out, options.photographs)
    except (OSError, ValueError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; nothing was written", file=sys.stderr)
        return 130
    return 0


def _export(run: Path, out: Path, photographs: Path | None) -> None:
    from export import convert, manifest
    from export.bundled import bundled_photographs
    from export.parity import check_parity
    from export.quality import measure_quality
    from training import checkpoint
    from training.classic import WIDTHS
    from training.photographs import find_photographs
    from training.session import load_trained

    model, settings, step = load_trained(run)
    keras_hide = convert.hide_function(model)
    keras_reveal = convert.reveal_function(model)
    hide = convert.to_onnx(keras_hide, ("cover", "secret"))
    reveal = convert.to_onnx(keras_reveal, ("container",))
    with bundled_photographs() as bundled:
        pictures = [picture for _, picture in bundled]
        parity = check_parity(
            hide.SerializeToString(),
            reveal.SerializeToString(),
            lambda *args: keras_hide(*args)["container"].numpy(),
            lambda *args: keras_reveal(*args)["secret"].numpy(),
            pictures,
        )
        files = find_photographs(photographs) if photographs else [path for path, _ in bundled]
        name = photographs.name if photographs else "scikit-image"
        print(f"parity holds: {parity}; measuring on {len(files)} photographs", flush=True)
        quality = measure_quality(hide.SerializeToString(), reveal.SerializeToString(), files, name)
    config = WIDTHS[settings.width]
    training: dict[str, Any] = {
        "commit": settings.commit,
        "steps": step,
        "photographs": len(settings.train),
        "width": settings.width,
        "filters": list(config.filters),
        "beta": settings.beta,
        "noise": settings.noise,
        "batch": settings.batch,
        "crop": settings.crop,
        "lr": settings.lr,
        "precision": settings.precision,
        "seed": settings.seed,
        "start": settings.start,
    }
    weights = manifest.sha256((run / checkpoint.NAME).read_bytes())
    halo = {"hide": config.hide_radius, "reveal": config.reveal_radius}
    parity_values = {
        "differing_samples": round(parity.differing_samples, 8),
        "psnr_difference": round(parity.psnr_difference, 6),
    }
    description = manifest.describe(
        settings.model,
        payload=None,
        halo=halo,
        training=training,
        weights_sha256=weights,
        quality=quality.as_dict(),
        parity=parity_values,
    )
    manifest.write(out, description, {"hide": hide, "reveal": reveal})
    print(
        f"{out}: cover {quality.cover_psnr.mean:.2f} dB (worst {quality.cover_psnr.worst:.2f}), "
        f"revealed {quality.revealed_psnr.mean:.2f} dB (worst {quality.revealed_psnr.worst:.2f})"
    )


if __name__ == "__main__":
    sys.exit(main())
