"""The inputs that the runtime gives to a model's graphs, to run the graphs without it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import runtime
from runtime.crypto.keys import KeyRing, Keys
from runtime.engine.network import Network
from runtime.images.image import Image, Picture
from runtime.schemes import make_options, open_to_hide, open_to_reveal

Feed = dict[str, Any]
"""Arrays by the names of a graph's inputs."""


class _Recorder:
    """A network that keeps what it is run with."""

    def __init__(self, network: Network) -> None:
        self._network, self.feeds = network, list[Feed]()

    def run(self, feed: Mapping[str, Any], *outputs: str) -> list[Any]:
        """Runs the network."""
        self.feeds.append(dict(feed))
        return self._network.run(feed, *outputs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)


def recorded(
    model: str | Path, cover: Picture, secret: Picture, options: Mapping[str, Any]
) -> dict[str, list[Feed]]:
    """Hides and reveals a picture once, on the CPU.

    Args:
        model: Name, or path of a model folder.
        cover: uint8 (height, width, 3).
        secret: uint8 (height, width, 3).
        options: Those of the model's scheme, by name.

    Returns:
        By the name of the graph, the inputs of each of its runs.
    """
    keys = Keys(KeyRing(), None)
    hiding, _ = open_to_hide(model, "cpu", 1)
    hide_runs = _record(hiding)
    chosen = make_options(hiding.options, hiding.model, options)
    (container,) = hiding.hide([(Image(cover), Image(secret))], chosen, keys)
    revealing, _ = open_to_reveal(model, "cpu", 1)
    reveal_runs = _record(revealing)
    match = revealing.find(Image(container.pixels), keys)
    if match is None:
        raise runtime.NothingHiddenError("nothing is found in what was hidden")
    revealing.reveal([match], max(cover.size, secret.size))
    runs = {**hide_runs, **reveal_runs}
    return {name: recorder.feeds for name, recorder in runs.items()}


def _record(scheme: Any) -> dict[str, _Recorder]:
    recorders = {name: _Recorder(network) for name, network in scheme.networks.items()}
    scheme.networks = cast("dict[str, Network]", recorders)
    return recorders
