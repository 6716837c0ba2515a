"""What the service is set to, without any import that the base installation lacks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from runtime.engine.cores import cores
from runtime.engine.models import DEFAULT


@dataclass(frozen=True)
class Settings:
    """What each process of the service is set to.

    Attributes:
        model: Name of a shipped model, or a folder with one's own.
        device: Where it runs, as for `Hider`.
        threads: Threads that work on one picture; None for one per core.
        max_megabytes: Largest request, all its pictures together.
        max_megapixels: Largest picture, the revealed one included. A few kilobytes can ask for
            gigabytes when decoded.
        at_once: Requests that are worked on at a time, as each takes memory; None for one per
            core. Half as many more can be at work on requests with a passphrase.
        waiting: Requests that may wait for their turn, and as many that have a passphrase. The
            others are refused.
        seconds_to_send: Time that a client has to send its request once it is its turn, to send the
            head of one, and to take an answer.
    """

    model: str | Path = DEFAULT
    device: str = "auto"
    threads: int | None = None
    max_megabytes: float = 64
    max_megapixels: float = 32
    at_once: int | None = None
    waiting: int = 4
    seconds_to_send: float = 60

    @property
    def max_bytes(self) -> int:
        """Largest request in bytes."""
        return int(self.max_megabytes * (1 << 20))

    @property
    def max_pixels(self) -> int:
        """Largest picture in pixels."""
        return int(self.max_megapixels * 1_000_000 + 0.5)

    @property
    def turns(self) -> int:
        """Requests that are worked on at a time."""
        return self.at_once or cores()


@dataclass(frozen=True)
class Listening:
    """How the server listens, and stops.

    Attributes:
        host: Address to listen on.
        port: Port to listen on; 0 for any that is free.
        workers: Processes.
        drain_seconds: Time after SIGTERM in which new requests are still answered, with 503, so
            that a load balancer notices.
        stop_seconds: Longest time that requests get to finish after SIGTERM.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    drain_seconds: float = 5
    stop_seconds: float = 60
