"""Whose container it is: the schemes of several models are asked in turn."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from runtime.crypto.keys import Keys
from runtime.engine.devices import Device
from runtime.engine.models import load_model, shipped_models
from runtime.errors import ClosedError, ModelError, NothingHiddenError
from runtime.images.image import Image
from runtime.schemes.base import Revealed, Scheme
from runtime.schemes.registry import open_to_reveal, scheme_of


def recognizing_models() -> list[str]:
    """Names of the included models that can tell their containers, those that look fastest first.

    Raises:
        ModelError: There are none.
    """
    schemes = {name: scheme_of(load_model(name)) for name in shipped_models()}
    names = [name for name, scheme in schemes.items() if scheme.recognizes]
    if not names:
        raise ModelError("the models are missing; install plainsight-onnx again")
    return sorted(names, key=lambda name: schemes[name].find_cost)


class Finder:
    """Finds out which of some models hid something, and reveals it. Safe to share among threads.

    The graphs of the first are opened at once, those of another when it is asked for the first
    time.

    Args:
        models: Names or folders, in the order in which they are asked.
        device: See `runtime.Revealer`.
        threads: See `runtime.Revealer`.
        search: See `runtime.Revealer`.

    Attributes:
        name: Names of the models.
        device: The device that they run on.
        takes_passphrase: Whether a passphrase protects what any of them hides.
        survives_loss: Whether what any of them hides survives a change of samples.

    Raises:
        UsageError: There is no such kind of device, or `threads` is not positive.
        ModelError: A model is missing or damaged.
        DeviceError: The device is not available.
    """

    def __init__(
        self, models: Sequence[str | Path], device: str, threads: int | None, *, search: bool
    ) -> None:
        loaded = [load_model(model) for model in models]
        kinds = [scheme_of(model) for model in loaded]
        self.name = ", ".join(model.name for model in loaded)
        self.takes_passphrase = any(kind.takes_passphrase for kind in kinds)
        self.survives_loss = any(kind.survives_loss for kind in kinds)
        self._models, self._search = models, search
        self._open_with = device, threads
        self._lock = threading.Lock()
        self._closed = False
        first, self.device = self._opened_now(0)
        self._opened: dict[int, Scheme[Any]] = {0: first}

    def reveal(self, containers: Sequence[Image], keys: Keys, max_pixels: int) -> list[Revealed]:
        """Reveals secrets; see `Scheme.reveal`.

        Raises:
            NothingHiddenError: One of the containers holds nothing.
            PlainsightError: See `Scheme.reveal`.
        """
        found = [self._find(container, keys) for container in containers]
        every: dict[int, Revealed] = {}
        for scheme in dict.fromkeys(scheme for scheme, _ in found):
            own = [number for number, (other, _) in enumerate(found) if other is scheme]
            revealed = scheme.reveal([found[number][1] for number in own], max_pixels)
            every |= {
                number: replace(one, model=scheme.model.name)
                for number, one in zip(own, revealed, strict=True)
            }
        return [every[number] for number in range(len(found))]

    def _find(self, container: Image, keys: Keys) -> tuple[Scheme[Any], Any]:
        for number in range(len(self._models)):
            scheme = self._scheme(number)
            match = scheme.find(container, keys)
            if match is not None:
                return scheme, match
        raise NothingHiddenError("no hidden picture found, or the passphrase is wrong")

    def _scheme(self, number: int) -> Scheme[Any]:
        with self._lock:
            if self._closed:
                raise ClosedError("it was closed and cannot be used any more")
            if number not in self._opened:
                self._opened[number], _ = self._opened_now(number)
            return self._opened[number]

    def _opened_now(self, number: int) -> tuple[Scheme[Any], Device]:
        return open_to_reveal(self._models[number], *self._open_with, search=self._search)

    def check_open(self) -> None:
        """Raises ClosedError if it was closed, or made before a fork."""
        for scheme in tuple(self._opened.values()):
            scheme.check_open()

    def close(self) -> None:
        """Releases all graphs."""
        with self._lock:
            self._closed = True
            for scheme in self._opened.values():
                scheme.close()
