"""Options that commands share, and those that the schemes declare."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from runtime.batch.options import BatchOptions
from runtime.batch.plan import STANDARD
from runtime.cli.passphrase import add_passphrase_options
from runtime.cli.streams import is_missing
from runtime.engine.models import DEFAULT
from runtime.errors import UsageError
from runtime.images.decode import MAX_PIXELS
from runtime.images.formats import Format
from runtime.schemes import OptionSpec, all_options, choices_of, value_of

MEGA = 1_000_000
_DESTINATION = "option_"


def add_file_options(
    parser: argparse.ArgumentParser,
    formats: Sequence[Format],
    written: Sequence[str],
    format_help: str,
    default: str | None = DEFAULT,
) -> None:
    """Adds the options of the commands that make files.

    Args:
        parser: To add them to.
        formats: That the name of a single file may stand for.
        written: Names of the formats that `--format` takes.
        format_help: What it does.
        default: See `add_device_options`.
    """
    endings = ", ".join(format_.extension for format_ in formats)
    parser.add_argument(
        "-o",
        "--out",
        required=True,
        type=Path,
        metavar="OUT",
        help="output folder, created if missing; or, for one picture, a file that ends in "
        f"{endings}, or - for standard output",
    )
    parser.add_argument(
        "--format",
        choices=written,
        help=format_help,
    )
    existing = parser.add_mutually_exclusive_group()
    existing.add_argument("--overwrite", action="store_true", help="replace existing files")
    existing.add_argument(
        "--skip-existing", action="store_true", help="leave existing files alone and do the rest"
    )
    parser.add_argument("--limit", type=whole_number, metavar="N", help="stop after N pictures")
    parser.add_argument(
        "--dry-run", action="store_true", help="print what would be done, and do nothing"
    )
    parser.add_argument(
        "--fail-fast", action="store_true", help="start no more pictures after one has failed"
    )
    add_reading_options(parser)
    add_device_options(parser, default)
    add_passphrase_options(parser)
    add_output_options(parser)


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """Adds what is said of the pictures that are read."""
    parser.add_argument(
        "--accept-damaged",
        action="store_true",
        help="use what can be decoded of JPEG and TIFF files that are damaged inside",
    )
    parser.add_argument(
        "--max-megapixels",
        type=positive_number,
        default=MAX_PIXELS / MEGA,
        metavar="N",
        help="refuse larger pictures (default: %(default)g)",
    )


def add_strip_metadata(parser: argparse.ArgumentParser) -> None:
    """Adds whether metadata is taken out of secrets."""
    parser.add_argument(
        "--strip-metadata",
        action="store_true",
        help="hide the file of a secret without its EXIF, location and other metadata; its pixels "
        "do not change",
    )


def add_device_options(parser: argparse.ArgumentParser, default: str | None = DEFAULT) -> None:
    """Adds the choice of model, device and threads.

    Args:
        parser: To add it to.
        default: Name of the model that is taken without a choice; None for all that can tell their
            containers.
    """
    shown = default or "each that can tell its containers from other pictures"
    parser.add_argument(
        "--model",
        default=default,
        help=f"name of a shipped model, or folder of your own (default: {shown})",
    )
    parser.add_argument(
        "--device",
        default="auto",
        metavar="auto|cpu|cuda[:N]",
        help="where to run; auto takes CUDA where it works (default: %(default)s)",
    )
    parser.add_argument(
        "--threads",
        type=int,
        metavar="N",
        help="threads on the CPU for each picture (default: one, with as many pictures at a time "
        "as there are cores; for a single picture, one per core)",
    )


def add_search_option(parser: argparse.ArgumentParser) -> None:
    """Adds whether reveal looks for containers that were resized or cropped."""
    parser.add_argument(
        "--no-search",
        dest="search",
        action="store_false",
        help="look for containers of robust at their own size only, not resized or cropped",
    )


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """Adds what is printed, and how."""
    parser.add_argument(
        "--json", action="store_true", help="print a JSON object per picture on standard output"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print errors only")


def add_scheme_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that the schemes declare, one flag for each name."""
    for name, declared in all_options().items():
        choices = choices_of(spec for _, spec in declared)
        said = "; ".join(_help(scheme, spec) for scheme, spec in declared)
        if declared[0][1].is_switch:
            parser.add_argument(
                declared[0][1].flag,
                dest=_DESTINATION + name,
                action="store_const",
                const=True,
                help=said,
            )
            continue
        parser.add_argument(
            declared[0][1].flag,
            dest=_DESTINATION + name,
            type=partial(value_of, choices),
            metavar="|".join(map(str, choices)),
            help=said,
        )


def _help(scheme: str, spec: OptionSpec) -> str:
    default = "" if spec.is_switch else f" (default: {spec.default})"
    return f"{scheme}: {spec.help}{default}".replace("%", "%%")


def scheme_options_of(options: argparse.Namespace) -> dict[str, Any]:
    """The schemes' options, by name; None where one was not given."""
    return {
        name.removeprefix(_DESTINATION): value
        for name, value in vars(options).items()
        if name.startswith(_DESTINATION)
    }


def max_pixels_of(options: argparse.Namespace) -> int:
    """Most pixels that a picture may have."""
    return int(options.max_megapixels * MEGA + 0.5)


def batch_options_of(options: argparse.Namespace, **more: Any) -> BatchOptions:
    """How files are read and written.

    Raises:
        UsageError: Options exclude each other.
    """
    if options.out == STANDARD and (options.json or options.dry_run):
        other = "--json" if options.json else "--dry-run"
        raise UsageError(f"{other} cannot be used with -o -: both write to standard output")
    if options.out == STANDARD and is_missing("stdout"):
        raise UsageError("a picture cannot be written to standard output, which is closed")
    if options.out == STANDARD and sys.stdout.isatty():
        raise UsageError("a picture is not printed on a terminal; send it to a file or a program")
    return BatchOptions(
        format=options.format,
        overwrite=options.overwrite,
        skip_existing=options.skip_existing,
        accept_damaged=options.accept_damaged,
        max_pixels=max_pixels_of(options),
        **more,
    )


def whole_number(text: str) -> int:
    """A number of at least 1, for `type` of an argument."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, got {text!r}")
    return int(text)


def positive_number(text: str) -> float:
    """A number above 0, for `type` of an argument."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not value > 0:
        raise argparse.ArgumentTypeError(f"must be a positive number, got {text!r}")
    return value
