"""Options of the commands on a cluster."""

from __future__ import annotations

import argparse

from runtime.batch.options import REVEALED_FLOOR, BatchOptions
from runtime.cli.options import (
    add_device_options,
    add_output_options,
    add_reading_options,
    add_scheme_options,
    add_strip_metadata,
    max_pixels_of,
    scheme_options_of,
)
from runtime.distributed.settings import PassphraseSource, Settings
from runtime.errors import UsageError
from runtime.images.formats import FORMATS

GIB = 1 << 30


def configure_hide(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `hide`."""
    parser.add_argument(
        "covers", nargs="?", metavar="COVERS", help="picture, folder or prefix: what is seen"
    )
    parser.add_argument(
        "secrets", nargs="?", metavar="SECRETS", help="picture, folder or prefix: what is hidden"
    )
    add_scheme_options(parser)
    parser.add_argument(
        "--verify", action="store_true", help="reveal each secret before its container is kept"
    )
    parser.add_argument(
        "--verify-floor",
        type=float,
        default=REVEALED_FLOOR,
        metavar="DB",
        help="lowest PSNR of a revealed secret that passes --verify (default: %(default)g)",
    )
    parser.add_argument(
        "--convert", action="store_true", help="convert high-bit-depth covers to 8 bits"
    )
    parser.add_argument(
        "--keep-metadata",
        action="store_true",
        help="keep the EXIF of covers, location and camera included",
    )
    parser.add_argument(
        "--drop-profile",
        action="store_true",
        help="convert the colours of covers to sRGB, so that containers have no colour profile",
    )
    add_strip_metadata(parser)
    _add_shared(parser, "of containers (default: png)")
    parser.add_argument(
        "--separate-salts",
        action="store_true",
        help="derive a new key for each file, so that nobody can tell which files one worker made; "
        "takes about a tenth of a second more per file",
    )


def configure_reveal(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `reveal`."""
    parser.add_argument(
        "containers", nargs="?", metavar="CONTAINERS", help="container, folder or prefix"
    )
    _add_shared(
        parser, "of revealed files (default: the secret's own file as it is, where there is one)"
    )


def _add_shared(parser: argparse.ArgumentParser, format_help: str) -> None:
    parser.add_argument(
        "--manifest",
        metavar="FILE",
        help="Parquet or CSV file with the columns cover, secret and output, or container and "
        "output, in place of folders",
    )
    parser.add_argument("-o", "--out", required=True, metavar="OUT", help="output folder or prefix")
    written = [format_.name for format_ in FORMATS.values() if format_.writer]
    parser.add_argument("--format", choices=written, help=format_help)
    parser.add_argument(
        "--overwrite", action="store_true", help="replace existing files; else they are left alone"
    )
    parser.add_argument(
        "--report",
        metavar="FILE",
        help="where to write the report (default: in OUT, named after the command and the time)",
    )
    parser.add_argument("--limit", type=_count, metavar="N", help="stop after N pictures")
    parser.add_argument(
        "--dry-run", action="store_true", help="print what would be done, and do nothing"
    )
    parser.add_argument(
        "--fail-fast", action="store_true", help="start no more pictures after one has failed"
    )
    _add_cluster(parser)
    add_reading_options(parser)
    add_device_options(parser)
    _add_passphrase(parser)
    add_output_options(parser)


def _add_cluster(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--address",
        help="of the Ray cluster (default: that of RAY_ADDRESS, or a Ray on this machine)",
    )
    parser.add_argument(
        "--workers",
        type=_count,
        metavar="N",
        help="workers (default: as many as there is room for)",
    )
    parser.add_argument(
        "--cores",
        type=_count,
        default=1,
        metavar="N",
        help="cores of each worker, and so pictures at a time (default: %(default)s)",
    )
    parser.add_argument(
        "--gpus",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="GPUs of each worker, such as 0.5 for two workers on one (default: none)",
    )
    parser.add_argument(
        "--memory",
        type=float,
        metavar="GIB",
        help="memory of each worker (default: its share of the smallest machine)",
    )


def _add_passphrase(parser: argparse.ArgumentParser) -> None:
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--passphrase-file",
        metavar="FILE",
        help="read the passphrase from a file that each worker has",
    )
    group.add_argument(
        "--passphrase-env", metavar="NAME", help="read it from an environment variable of workers"
    )


def settings_of(
    options: argparse.Namespace, command: str, memory: int, *, one_secret: bool
) -> Settings:
    """What the workers are told.

    Raises:
        UsageError: Options exclude each other.
    """
    hide = command == "hide"
    files = BatchOptions(
        format=options.format,
        overwrite=options.overwrite,
        skip_existing=not options.overwrite,
        accept_damaged=options.accept_damaged,
        max_pixels=max_pixels_of(options),
    )
    if hide:
        files = BatchOptions(
            **{
                **vars(files),
                "convert": options.convert,
                "keep_metadata": options.keep_metadata,
                "drop_profile": options.drop_profile,
                "strip_metadata": options.strip_metadata,
                "verify_floor": options.verify_floor,
            }
        )
    threads = options.threads or 1
    if threads > options.cores:
        raise UsageError(f"--threads {threads} is more than the cores of a worker, {options.cores}")
    device = options.device
    if device == "auto" and not options.gpus:
        device = "cpu"
    return Settings(
        command=command,
        model=options.model,
        device=device,
        threads=threads,
        at_once=max(1, options.cores // threads),
        memory=memory,
        files=files,
        options=scheme_options_of(options) if hide else {},
        share_salt=not (hide and options.separate_salts),
        verify=hide and options.verify,
        one_secret=one_secret,
        passphrase=PassphraseSource(options.passphrase_file, options.passphrase_env),
    )


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, got {text!r}")
    return int(text)
