"""The hide command: `python -m runtime.hide COVERS SECRETS -o OUT`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from runtime._cli import add_options, guarded, report, say
from runtime._folders import run_hide
from runtime._hider import Hider
from runtime._passphrase import add_passphrase_options, passphrase_of, refuse_values
from runtime._plan import HidePlan, plan_hide

_SHOWN = 10


def main(arguments: list[str] | None = None, prog: str = "python -m runtime.hide") -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog=prog,
        allow_abbrev=False,
        description="Hide pictures in pictures. One secret serves all covers; two folders are "
        "paired by relative name where every cover has its namesake, else in sorted order.",
    )
    parser.add_argument("covers", metavar="COVERS", help="picture, or folder of pictures, to show")
    parser.add_argument("secrets", metavar="SECRETS", help="picture, or folder, to hide")
    add_options(parser)
    add_passphrase_options(parser)
    parser.add_argument(
        "--bits",
        type=int,
        metavar="1|2|3",
        help="payload of clear, in bits a sample: more reveal a better secret and change the cover "
        "more (default: 2)",
    )
    parser.add_argument(
        "--separate-salts",
        action="store_true",
        help="derive a key for each file anew, so that nobody can tell that files were hidden "
        "together; slower by a third of a second a file",
    )
    given = sys.argv[1:] if arguments is None else arguments
    if said := refuse_values(given):
        parser.error(said)
    options = parser.parse_args(given)
    return guarded(lambda: _hide(options))


def _hide(options: argparse.Namespace) -> int:
    plan = plan_hide(Path(options.covers), Path(options.secrets), Path(options.out))
    _say_plan(plan)
    passphrase = passphrase_of(options, twice=True)
    hider = Hider(
        options.model,
        bits=options.bits,
        device=options.device,
        threads=options.threads,
        share_salt=not options.separate_salts,
    )
    say(f"model {hider.model} on {hider.device} ({hider.device_reason})")
    results = run_hide(hider, plan.jobs, options.overwrite, passphrase)
    return report(results, len(plan.jobs), "hidden", options.out)


def _say_plan(plan: HidePlan) -> None:
    say(f"covers: {len(plan.jobs)}; {plan.pairing}")
    for job in plan.jobs[:_SHOWN]:
        say(f"  {job.secret} -> {job.cover}")
    if len(plan.jobs) > _SHOWN:
        say(f"  and {len(plan.jobs) - _SHOWN} more")


if __name__ == "__main__":
    sys.exit(main())
