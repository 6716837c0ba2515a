"""`python -m training`: trains a model on a folder of photographs."""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training",
        description="Train a model on a folder of photographs. The run's folder gets a "
        "checkpoint, a CSV log, a loss curve and a panel of pictures.",
    )
    parser.add_argument("--model", choices=["classic", "clear"], default="classic")
    parser.add_argument("--data", type=Path, required=True, help="folder of photographs")
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument(
        "--validation",
        type=Path,
        help="folder of photographs held out (default: 5%% of --data, chosen by file)",
    )
    parser.add_argument(
        "--panel",
        type=Path,
        help="folder of photographs to show in panel.png (default: those held out)",
    )
    parser.add_argument(
        "--width",
        help="of the networks: paper (default), upstream or tiny for classic; for clear, filters "
        "of each layer, as 32, 16-16, 32-16 (default), or tiny; tiny is for trying things out",
    )
    parser.add_argument(
        "--beta", type=_positive, help="classic: weight of the secret's error (0.75)"
    )
    parser.add_argument(
        "--noise",
        type=_not_negative,
        help="classic: noise on the container, standard deviation in 8-bit levels (0)",
    )
    parser.add_argument(
        "--tables",
        type=Path,
        help="clear: the codec's tables, as training.clear.fit wrote them "
        "(models/clear/tables.npz)",
    )
    parser.add_argument(
        "--pool",
        type=Path,
        help="clear: folder of coded examples, which other runs may share (default: OUT/pool)",
    )
    parser.add_argument(
        "--passes", type=_count, help="clear: how often each photograph is coded (2)"
    )
    parser.add_argument(
        "--steps", type=_count, default=20000, help="length of the run (%(default)s)"
    )
    parser.add_argument("--minutes", type=_positive, help="stop after this time, if before --steps")
    parser.add_argument(
        "--batch", type=_count, default=8, help="pairs, or examples, a step (%(default)s)"
    )
    parser.add_argument("--crop", type=_count, default=128, help="side in pixels (%(default)s)")
    parser.add_argument("--lr", type=_positive, help="of Adam (classic 0.0001, clear 0.01)")
    parser.add_argument(
        "--precision",
        choices=["float32", "mixed_bfloat16"],
        default="float32",
        help="mixed_bfloat16 is faster on hardware that has it (%(default)s)",
    )
    parser.add_argument(
        "--start",
        choices=["folded", "random"],
        help="classic: weights to start from; folded (default) needs 48 filters in the 3x3 branch",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--save-minutes", type=_positive, default=3.0, help="between checkpoints (%(default)s)"
    )
    parser.add_argument("--log-every", type=_count, default=50, help="steps (%(default)s)")
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out")
    return parser


def _positive(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"must be positive, got {text}")
    return value


def _not_negative(text: str) -> float:
    value = float(text)
    if not value >= 0:
        raise argparse.ArgumentTypeError(f"must not be negative, got {text}")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {text}")
    return value


def _commit() -> str | None:
    """The commit of this code, with `+` if files differ from it; None outside a checkout."""
    here = Path(__file__).parent

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(here), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        changed = git("status", "--porcelain", "--untracked-files=no")
        return git("rev-parse", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return None


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        _train(options)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped at once; --resume goes on from the last checkpoint", file=sys.stderr)
        return 130
    return 0


def _train(options: argparse.Namespace) -> None:
    # Keras takes seconds to import: --help and a mistyped option should not wait for it.
    from training import checkpoint, photographs
    from training.settings import Settings

    own = _OWN_OPTIONS[options.model](options)
    validation_folder: Path = options.validation or options.data
    files = photographs.find_photographs(options.data)
    if options.validation is None:
        train, held_out = photographs.split_by_file(files, options.data, 0.05)
    else:
        train, held_out = files, photographs.find_photographs(options.validation)
    settings = Settings(
        model=options.model,
        seed=options.seed,
        batch=options.batch,
        crop=options.crop,
        train=tuple(p.relative_to(options.data).as_posix() for p in train),
        validation=tuple(p.relative_to(validation_folder).as_posix() for p in held_out),
        steps=options.steps,
        precision=options.precision,
        commit=_commit(),
        **own,
    )
    if options.resume:
        _check_same(Settings.load(options.out), settings)
    elif (options.out / checkpoint.NAME).exists():
        raise FileExistsError(
            f"{options.out} holds a run already: "
            "--resume goes on with it, another --out starts anew"
        )
    options.out.mkdir(parents=True, exist_ok=True)

    from training.clear_session import CodecFiles
    from training.loop import Pace
    from training.session import Files
    from training.session import train as run

    pace = Pace(options.steps, options.minutes, options.log_every, options.save_minutes)
    shown = photographs.find_photographs(options.panel) if options.panel else held_out
    run(
        settings,
        Files(tuple(train), tuple(held_out), tuple(shown)),
        options.out,
        pace,
        options.resume,
        CodecFiles(options.tables, options.pool or options.out / "pool")
        if options.tables
        else None,
    )


def _classic_options(options: argparse.Namespace) -> dict[str, Any]:
    from training.classic import WIDTHS

    _refuse(options, "tables", "passes", "pool")
    width = _width(options.width or "paper", WIDTHS)
    start = options.start or "folded"
    if width == "tiny" and start == "folded":
        raise ValueError("--width tiny is too narrow for a folded start; add --start random")
    return {
        "width": width,
        "beta": 0.75 if options.beta is None else options.beta,
        "noise": options.noise or 0.0,
        "start": start,
        "lr": options.lr or 1e-4,
    }


def _clear_options(options: argparse.Namespace) -> dict[str, Any]:
    from training.clear.networks.shape import WIDTHS

    _refuse(options, "beta", "noise", "start")
    options.tables = options.tables or Path("models/clear/tables.npz")
    if not options.tables.is_file():
        raise FileNotFoundError(f"{options.tables} is not a file: --tables says where they are")
    return {
        "width": _width(options.width or "32-16", WIDTHS),
        "beta": None,
        "noise": None,
        "start": "identity",
        "lr": options.lr or 1e-2,
        "tables": hashlib.sha256(options.tables.read_bytes()).hexdigest(),
        "passes": options.passes or 2,
    }


_OWN_OPTIONS = {"classic": _classic_options, "clear": _clear_options}


def _refuse(options: argparse.Namespace, *names: str) -> None:
    for name in names:
        if getattr(options, name) is not None:
            raise ValueError(f"--{name} is not an option of --model {options.model}")


def _width(name: str, widths: Mapping[str, object]) -> str:
    if name not in widths:
        raise ValueError(f"--width must be one of {', '.join(widths)}, got {name}")
    return name


def _check_same(before: object, now: object) -> None:
    """Refuses to resume a run as another one.

    The schedule and the commit may differ: a run may be made longer, by newer code.
    """
    free = {"lr", "steps", "precision", "commit"}
    for field in dataclasses.fields(before):  # type: ignore[arg-type]
        old, new = getattr(before, field.name), getattr(now, field.name)
        if field.name not in free and old != new:
            shown = "differs" if isinstance(old, tuple) else f"was {old}, now {new}"
            raise ValueError(
                f"--resume needs the settings of the run it goes on: {field.name} {shown}"
            )


if __name__ == "__main__":
    sys.exit(main())
