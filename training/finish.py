"""`python -m training.finish`: makes a small checkpoint of a finished run, to keep or to publish.

It has the averaged weights and the step. What only going on would need, the moments of the
optimizer, is zero, which compresses to nothing.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from training.quiet import load_keras


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m training.finish", description=__doc__)
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of a finished run")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder to write it to")
    options = parser.parse_args(arguments)
    try:
        _finish(options.run, options.out)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _finish(run: Path, out: Path) -> None:
    from training.settings import Settings

    settings = Settings.load(run)
    load_keras()
    from training import checkpoint
    from training.session import load_trained

    # Loaded with the averages in place of the weights.
    model, _, step = load_trained(run, settings.model)
    if step < settings.steps:
        raise ValueError(f"{run} is at step {step} of {settings.steps}: --resume continues it")
    checkpoint.forget_moments(model)
    out.mkdir(parents=True, exist_ok=True)
    checkpoint.save(model, out)


if __name__ == "__main__":
    sys.exit(main())
