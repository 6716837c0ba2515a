"""Options of hiding, on one machine and on a cluster."""

from __future__ import annotations

import argparse
from typing import Any

from runtime.batch.options import REVEALED_FLOOR
from runtime.cli.options import add_scheme_options, add_strip_metadata, whole_number
from runtime.images.distortions import distortion_of
from runtime.images.platforms import PLATFORMS


def add_hiding_options(parser: argparse.ArgumentParser) -> None:
    """Adds the models' options, what is verified, and how covers and secrets are read."""
    add_scheme_options(parser)
    parser.add_argument(
        "--verify",
        action="store_true",
        help="read each file back and reveal its secret before keeping it",
    )
    parser.add_argument(
        "--verify-floor",
        type=float,
        default=REVEALED_FLOOR,
        metavar="DB",
        help="lowest PSNR of a revealed secret that passes --verify (default: %(default)g)",
    )
    parser.add_argument(
        "--verify-through",
        action="append",
        default=[],
        metavar="STEPS",
        help="verify after a distortion of the container: steps such as scale:0.5,jpeg:75, or a "
        f"platform ({', '.join(PLATFORMS)}); can be given several times",
    )
    parser.add_argument(
        "--fit",
        type=whole_number,
        metavar="PIXELS",
        help="reduce covers first, so that their longest side has at most so many pixels",
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


def hiding_options_of(options: argparse.Namespace) -> dict[str, Any]:
    """What these say of files, for `BatchOptions`.

    Raises:
        UsageError: There is no such distortion.
    """
    return {
        "convert": options.convert,
        "keep_metadata": options.keep_metadata,
        "drop_profile": options.drop_profile,
        "strip_metadata": options.strip_metadata,
        "verify_floor": options.verify_floor,
        "verify_through": tuple(map(distortion_of, options.verify_through)),
        "fit": options.fit,
    }


def is_verified(options: argparse.Namespace) -> bool:
    """Whether containers are revealed before they are kept."""
    return bool(options.verify or options.verify_through)
