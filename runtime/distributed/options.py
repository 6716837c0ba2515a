"""Options of the commands on a cluster."""

from __future__ import annotations

import argparse

from runtime.batch.options import BatchOptions
from runtime.cli.hiding import add_hiding_options, hiding_options_of, is_verified
from runtime.cli.options import (
    add_device_options,
    add_output_options,
    add_reading_options,
    add_search_option,
    max_pixels_of,
    scheme_options_of,
    whole_number,
)
from runtime.distributed.settings import PassphraseSource, Settings
from runtime.engine.models import DEFAULT
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
    add_hiding_options(parser)
    _add_shared(
        parser,
        "of containers (default: png, or jpeg for a model whose containers survive it)",
        DEFAULT,
    )
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
        parser,
        "of revealed files (default: the secret's own file as it is, where there is one)",
        None,
    )
    add_search_option(parser)


def _add_shared(parser: argparse.ArgumentParser, format_help: str, model: str | None) -> None:
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
    parser.add_argument("--limit", type=whole_number, metavar="N", help="stop after N pictures")
    parser.add_argument(
        "--dry-run", action="store_true", help="print what would be done, and do nothing"
    )
    parser.add_argument(
        "--fail-fast", action="store_true", help="start no more pictures after one has failed"
    )
    _add_cluster(parser)
    add_reading_options(parser)
    add_device_options(parser, model)
    _add_passphrase(parser)
    add_output_options(parser)


def _add_cluster(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--address",
        help="of the Ray cluster (default: that of RAY_ADDRESS, or a Ray on this machine)",
    )
    parser.add_argument(
        "--workers",
        type=whole_number,
        metavar="N",
        help="workers (default: as many as there is room for)",
    )
    parser.add_argument(
        "--cores",
        type=whole_number,
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
        **(hiding_options_of(options) if hide else {}),
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
        verify=hide and is_verified(options),
        search=hide or options.search,
        one_secret=one_secret,
        passphrase=PassphraseSource(options.passphrase_file, options.passphrase_env),
    )
