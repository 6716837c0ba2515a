"""What a passphrase costs: the same pictures with one and without, and its derivation apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import runtime
from benchmarks.latency.pictures import cover_and_secret
from benchmarks.latency.timing import Case, Effort, Timing, time_in_turn
from runtime._keys import KeyRing, passphrase_bytes
from runtime._models import load_model

WORD = "six random words are enough"
WITH, WITHOUT, DERIVATION = "passphrase", "no passphrase", "key derivation"


def protectable(models: list[str]) -> list[str]:
    """Those of the models, names or folders, that take a passphrase."""
    return [model for model in models if load_model(model).payloads]


def measure(
    models: list[str], device: str, size: tuple[int, int], threads: int | None, effort: Effort
) -> list[Timing]:
    """Times hide and reveal of all models in turn, without a passphrase and with one.

    A `Hider` derives the key of a passphrase at its first picture and keeps it, a `Revealer`
    likewise for all containers of one hider: warming up pays for that, and no sample has it.

    Args:
        models: Names or folders of models that take a passphrase.
        device: See `runtime.Hider`.
        size: Width and height in pixels.
        threads: See `runtime.Hider`.
        effort: How much is measured.
    """
    cover, secret = cover_and_secret(*size)
    calls: dict[Case, Callable[[], Any]] = {}
    for model in models:
        hider = runtime.Hider(model, device=device, threads=threads)
        revealer = runtime.Revealer(model, device=device, threads=threads)

        def case(part: str, word: str | None, of: runtime.Hider | runtime.Revealer) -> Case:
            stage = WITH if word else WITHOUT
            return Case("passphrase", of.model, part, *size, of.device, threads, stage=stage)

        # Each hide comes after a reveal: after another hide it would find the caches warm.
        for word in (None, WORD):
            container = hider.hide(cover, secret, word)
            calls[case("hide", word, hider)] = lambda h=hider, w=word: h.hide(cover, secret, w)
            calls[case("reveal", word, revealer)] = lambda r=revealer, w=word, c=container: (
                r.reveal(c, w)
            )
    return time_in_turn(calls, effort)


def derivation(effort: Effort) -> list[Timing]:
    """Times what a passphrase costs once: Argon2id, on the CPU whatever the model runs on."""
    key = passphrase_bytes(WORD)
    # A ring of its own each time, which remembers nothing.
    calls = {
        Case("passphrase", "any", "keys", 0, 0, "cpu", stage=DERIVATION): lambda: (
            KeyRing().new_file(key, share_salt=False)
        )
    }
    return time_in_turn(calls, effort)
