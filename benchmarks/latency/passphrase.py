"""What a passphrase costs: the same pictures with and without one, and its key derivation."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.common.photographs import cover_and_secret
from benchmarks.latency.calls import Calls, hide_and_reveal, opened
from benchmarks.latency.timing import Case, Effort, Timing, time_in_turn
from runtime.crypto.keys import KeyRing, passphrase_bytes
from runtime.engine.models import load_model
from runtime.schemes import takes_passphrase

PASSPHRASE = "six random words are enough"
WITH, WITHOUT, DERIVATION = "passphrase", "no passphrase", "key derivation"


def protectable(models: list[str]) -> list[str]:
    """Those of the models, names or folders, that take a passphrase."""
    return [model for model in models if takes_passphrase(load_model(model))]


def measure(
    models: list[str], device: str, size: tuple[int, int], threads: int | None, effort: Effort
) -> list[Timing]:
    """Times hide and reveal of all models in turn, without a passphrase and with one.

    A `Hider` derives the key of a passphrase for its first picture and keeps it; a `Revealer` keeps
    it for all containers of one hider. So derivation is part of the warm-up, and of no sample.

    Args:
        models: Names or folders of models that take a passphrase.
        device: See `runtime.Hider`.
        size: Width and height in pixels.
        threads: See `runtime.Hider`.
        effort: How much is measured.
    """
    calls: Calls = {}
    for model in models:
        hider, revealer = opened(model, device, threads)
        # Each hide runs after a reveal: after another hide it would find the caches warm.
        for stage, word in ((WITHOUT, None), (WITH, PASSPHRASE)):
            timed = hide_and_reveal(hider, revealer, *cover_and_secret(*size), word)
            for operation, call in timed.items():
                case = Case("passphrase", hider.model, operation, *size, hider.device, threads)
                calls[replace(case, stage=stage)] = call
    return time_in_turn(calls, effort)


def derivation(effort: Effort) -> list[Timing]:
    """Times what a passphrase costs once: Argon2id, on the CPU whatever the model runs on."""
    key = passphrase_bytes(PASSPHRASE)
    case = Case("passphrase", "any", "keys", 0, 0, "cpu", stage=DERIVATION)
    # A new key ring each time, since one remembers the keys that it derived.
    return time_in_turn({case: lambda: KeyRing().new_file(key, share_salt=False)}, effort)
