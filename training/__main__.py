"""`python -m training`: trains a model on a folder of photographs."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from training.files import CHECKPOINT
from training.models import MODELS
from training.options import Chosen, Option, add_own_options, count, own_values, positive
from training.quiet import load_keras


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training",
        description="Train a model on a folder of photographs. Writes a checkpoint, a CSV log, a "
        "loss curve and a panel of pictures into the folder of the run.",
    )
    add = parser.add_argument
    add("--model", choices=[*MODELS], default="classic", help="what to train (%(default)s)")
    add("--data", type=Path, required=True, help="folder of photographs")
    add("--out", type=Path, required=True, help="folder of the run")
    add(
        "--validation",
        type=Path,
        help="folder of photographs to hold out (default: 5%% of --data, chosen by file)",
    )
    add(
        "--panel",
        type=Path,
        help="folder of photographs to show in panel.png (default: those held out)",
    )
    widths = "; ".join(
        f"{name}: {', '.join(model.widths)} ({model.width})" for name, model in MODELS.items()
    )
    add("--width", help=f"of the networks; tiny is for trying things out. {widths}")
    lengths = ", ".join(f"{name} {model.steps:,}" for name, model in MODELS.items())
    add("--steps", type=count, help=f"length of the run ({lengths})")
    add("--minutes", type=positive, help="stop after this time, if before --steps")
    batches = ", ".join(f"{name} {model.batch}" for name, model in MODELS.items())
    add("--batch", type=count, help=f"pairs or examples per step ({batches})")
    sides = ", ".join(f"{name} {model.crop}" for name, model in MODELS.items())
    add("--crop", type=count, help=f"side in pixels ({sides})")
    rates = ", ".join(f"{name} {model.lr:g}" for name, model in MODELS.items())
    add("--lr", type=positive, help=f"learning rate of Adam ({rates})")
    add(
        "--precision",
        choices=["float32", "mixed_bfloat16"],
        default="float32",
        help="mixed_bfloat16 is faster on hardware that has it (%(default)s)",
    )
    add("--seed", type=int, default=0, help="of everything random (%(default)s)")
    add("--save-minutes", type=positive, default=3.0, help="between checkpoints (%(default)s)")
    add("--log-every", type=count, default=50, help="steps between rows of the log (%(default)s)")
    add("--resume", action="store_true", help="continue the run in --out")
    add_own_options(parser, _own_options())
    return parser


def _own_options() -> dict[str, tuple[Option, ...]]:
    return {name: model.options for name, model in MODELS.items()}


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    options = _parser().parse_args(arguments)
    try:
        _train(options)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; --resume continues from the last checkpoint", file=sys.stderr)
        return 130
    return 0


def _train(options: argparse.Namespace) -> None:
    from training import photographs
    from training.settings import Settings

    options = _with_defaults_of_model(options)
    chosen = _choices_of_model(options)
    validation_folder: Path = options.validation or options.data
    files = photographs.find_photographs(options.data)
    if options.validation is None:
        train, held_out = photographs.split_by_file(files, options.data, 0.05)
    else:
        train, held_out = files, photographs.find_photographs(options.validation)
    settings = Settings(
        model=options.model,
        width=options.width,
        seed=options.seed,
        batch=options.batch,
        crop=options.crop,
        train=tuple(p.relative_to(options.data).as_posix() for p in train),
        validation=tuple(p.relative_to(validation_folder).as_posix() for p in held_out),
        start=chosen.start,
        lr=options.lr,
        steps=options.steps,
        precision=options.precision,
        commit=_commit(),
        clip=chosen.clip,
        average=chosen.average,
        optimizer=chosen.optimizer,
        first_steps=chosen.first_steps,
        first_lr=chosen.first_lr,
        own=chosen.settings,
    )
    if options.resume:
        Settings.load(options.out).check_resumable_as(settings)
    elif (options.out / CHECKPOINT).exists():
        raise FileExistsError(
            f"{options.out} already holds a run: use --resume to continue it, or another --out"
        )
    options.out.mkdir(parents=True, exist_ok=True)

    # Keras takes seconds to import: --help and a mistyped option should not wait for it.
    load_keras()
    from training import session
    from training.loop import Schedule

    schedule = Schedule(options.steps, options.minutes, options.log_every, options.save_minutes)
    shown = photographs.find_photographs(options.panel) if options.panel else held_out
    pictures = session.Files(tuple(train), tuple(held_out), tuple(shown))
    session.train(settings, pictures, options.out, schedule, options.resume, chosen.files)


def _with_defaults_of_model(options: argparse.Namespace) -> argparse.Namespace:
    """The options, with the model's defaults where nothing was given."""
    model = MODELS[options.model]
    defaults = {name: getattr(model, name) for name in ("width", "lr", "crop", "steps", "batch")}
    given = {name: value for name, value in vars(options).items() if value is not None}
    options = argparse.Namespace(**(vars(options) | defaults | given))
    if options.width not in model.widths:
        raise ValueError(f"--width must be one of {', '.join(model.widths)}, got {options.width}")
    return options


def _choices_of_model(options: argparse.Namespace) -> Chosen:
    """What the model makes of its own options."""
    values = vars(options) | own_values(options, options.model, _own_options())
    return MODELS[options.model].choose(values)


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


if __name__ == "__main__":
    sys.exit(main())
