"""The serve command: `python -m runtime.serve` hides and reveals over HTTP."""

from __future__ import annotations

import argparse
import sys

from runtime.cli.options import add_device_options, positive_number, whole_number
from runtime.cli.run import run_command
from runtime.errors import SetupError
from runtime.service.settings import Listening, Settings

DESCRIPTION = (
    "Hide and reveal over HTTP. Logs are JSON lines on standard output; SIGTERM finishes the "
    "requests at work and stops."
)
_SETTINGS, _LISTENING = Settings(), Listening()


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument(
        "--host",
        default=_LISTENING.host,
        metavar="ADDRESS",
        help="address to listen on; 0.0.0.0 for all of this machine (default: %(default)s)",
    )
    parser.add_argument(
        "--port",
        type=int,
        default=_LISTENING.port,
        metavar="N",
        help="port to listen on; 0 for any that is free (default: %(default)s)",
    )
    parser.add_argument(
        "--workers",
        type=whole_number,
        default=_LISTENING.workers,
        metavar="N",
        help="processes; each opens the model and shares the cores (default: %(default)s)",
    )
    parser.add_argument(
        "--at-once",
        type=whole_number,
        metavar="N",
        help="requests that each process works on at a time (default: one per core)",
    )
    parser.add_argument(
        "--waiting",
        type=int,
        default=_SETTINGS.waiting,
        metavar="N",
        help="requests that may wait in each process; others get 503 (default: %(default)s)",
    )
    parser.add_argument(
        "--max-megabytes",
        type=positive_number,
        default=_SETTINGS.max_megabytes,
        metavar="N",
        help="refuse larger requests (default: %(default)s)",
    )
    parser.add_argument(
        "--max-megapixels",
        type=positive_number,
        default=_SETTINGS.max_megapixels,
        metavar="N",
        help="refuse larger pictures, revealed ones included (default: %(default)s)",
    )
    parser.add_argument(
        "--seconds-to-send",
        type=positive_number,
        default=_SETTINGS.seconds_to_send,
        metavar="N",
        help="time that a client has to send a request, or to take an answer (default: "
        "%(default)s)",
    )
    parser.add_argument(
        "--drain-seconds",
        type=float,
        default=_LISTENING.drain_seconds,
        metavar="N",
        help="time after SIGTERM in which new requests are still answered, with 503, so that a "
        "load balancer notices (default: %(default)s)",
    )
    parser.add_argument(
        "--stop-seconds",
        type=positive_number,
        default=_LISTENING.stop_seconds,
        metavar="N",
        help="longest time that requests get to finish after SIGTERM (default: %(default)s)",
    )
    add_device_options(parser)


def run(options: argparse.Namespace) -> int:
    """Runs the command; returns its exit code."""
    try:
        from runtime.service.server import serve
    except ModuleNotFoundError as error:
        raise SetupError(
            f"the service needs {error.name}, which is not installed; "
            "pip install 'plainsight-onnx[service]'"
        ) from error
    settings = Settings(
        model=options.model,
        device=options.device,
        threads=options.threads,
        max_megabytes=options.max_megabytes,
        max_megapixels=options.max_megapixels,
        at_once=options.at_once,
        waiting=max(options.waiting, 0),
        seconds_to_send=options.seconds_to_send,
    )
    listening = Listening(
        host=options.host,
        port=options.port,
        workers=options.workers,
        drain_seconds=options.drain_seconds,
        stop_seconds=options.stop_seconds,
    )
    return serve(settings, listening)


def main(arguments: list[str] | None = None) -> int:
    """Parses arguments and runs the command; returns its exit code."""
    return run_command(configure, run, arguments, "python -m runtime.serve", DESCRIPTION)


if __name__ == "__main__":
    sys.exit(main())
