"""Which schemes there are, and how one is opened.

Other packages add schemes by the entry point group `plainsight.schemes`, or by `register`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime.engine.devices import Device, check_device, checked_threads
from runtime.engine.models import Model, load_model
from runtime.engine.network import Network
from runtime.errors import ModelError
from runtime.images.formats import FORMATS
from runtime.schemes.base import Scheme
from runtime.schemes.classic import Classic
from runtime.schemes.clear import Clear
from runtime.schemes.options import OptionSpec, describe_options, specs_of, specs_of_model
from runtime.schemes.quiet import Quiet
from runtime.schemes.robust import Robust

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

_GROUP = "plainsight.schemes"
_schemes: dict[str, type[Scheme[Any]]] = {
    scheme.name: scheme for scheme in (Classic, Clear, Robust, Quiet)
}


def register(scheme: type[Scheme[Any]]) -> type[Scheme[Any]]:
    """Adds a scheme, under its name; can be used as a decorator.

    Raises:
        ValueError: Another scheme has that name.
    """
    if _schemes.setdefault(scheme.name, scheme) is not scheme:
        raise ValueError(f"there is already a scheme {scheme.name}")
    return scheme


def schemes() -> Mapping[str, type[Scheme[Any]]]:
    """All schemes, by name, those of other packages included.

    Raises:
        ModelError: One of another package cannot be loaded.
    """
    for entry in _entry_points():
        if entry.name not in _schemes:
            try:
                register(entry.load())
            except Exception as error:
                raise ModelError(
                    f"the scheme {entry.name} of another package ({entry.value}) cannot be "
                    f"loaded: {error}"
                ) from error
    return _schemes


@cache
def _entry_points() -> tuple[EntryPoint, ...]:
    from importlib.metadata import entry_points

    return tuple(entry_points(group=_GROUP))


def scheme_of(model: Model) -> type[Scheme[Any]]:
    """The scheme of a model.

    Raises:
        ModelError: There is none of that name, or the manifest lacks what it needs.
    """
    scheme = _schemes.get(model.scheme) or schemes().get(model.scheme)
    path = model.folder / "manifest.json"
    if scheme is None:
        raise ModelError(
            f"{path} names the scheme {model.scheme!r}, which is not installed "
            f"({', '.join(_schemes)} are)"
        )
    if model.format_version != scheme.format_version:
        raise ModelError(
            f"{path} has format version {model.format_version}; this version of plainsight reads "
            f"{scheme.format_version}. Install the version that the model was made for"
        )
    try:
        scheme.check(model)
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is not a valid manifest: {error!r}") from error
    for name in {**scheme.hide_graphs, **scheme.reveal_graphs}:
        model.sha256(name)
    return scheme


def open_to_hide(model: str | Path, device: str, threads: int | None) -> tuple[Scheme[Any], Device]:
    """Opens the graphs that hide; the arguments are those of `runtime.Hider`.

    Raises:
        UsageError: There is no such kind of device, or `threads` is not positive.
        ModelError: The model is missing or damaged.
        DeviceError: The device is not available.
    """
    loaded = load_model(model)
    scheme = scheme_of(loaded)
    networks, used = _opened(loaded, scheme, scheme.hide_graphs, device, threads)
    return scheme(loaded, networks), used


def open_to_reveal(
    model: str | Path, device: str, threads: int | None, *, search: bool = True
) -> tuple[Scheme[Any], Device]:
    """Opens the graphs that reveal; see `open_to_hide`, and `Scheme` for `search`."""
    loaded = load_model(model)
    scheme = scheme_of(loaded)
    networks, used = _opened(loaded, scheme, scheme.reveal_graphs, device, threads)
    return scheme(loaded, networks, search=search), used


def _opened(
    model: Model,
    scheme: type[Scheme[Any]],
    graphs: Mapping[str, Any],
    device: str,
    threads: int | None,
) -> tuple[dict[str, Network], Device]:
    check_device(device)
    checked_threads(threads)
    there = {
        name: signature
        for name, signature in scheme.optional_graphs.items()
        if f"{name}.onnx" in model.manifest["files"]
    }
    networks = {
        name: Network(model, name, signature, device, threads, scheme.side_by_side)
        for name, signature in {**graphs, **there}.items()
    }
    devices = [network.device for network in networks.values()]
    used = devices[0] if devices else Device("cpu", "it has no graphs")
    return networks, used


def declared_options(model: Model) -> Mapping[str, OptionSpec]:
    """The options of a model, by name.

    Raises:
        ModelError: Its scheme is not installed, or its manifest lacks what that needs.
    """
    return specs_of_model(scheme_of(model).options, model)


def all_options() -> Mapping[str, list[tuple[str, OptionSpec]]]:
    """The options of all schemes, by name: the schemes that declare one, each with what it says."""
    options: dict[str, list[tuple[str, OptionSpec]]] = {}
    for scheme in schemes().values():
        for name, spec in specs_of(scheme.options).items():
            options.setdefault(name, []).append((scheme.name, spec))
    return options


def container_formats() -> tuple[str, ...]:
    """Names of the file formats that containers of some scheme may be saved in."""
    allowed = {name for scheme in schemes().values() for name in scheme.container_formats}
    return tuple(name for name in FORMATS if name in allowed)


def describe(scheme: str) -> dict[str, dict[str, Any]]:
    """The options of a scheme as plain values, for the `options` of a model's manifest."""
    return describe_options(schemes()[scheme].options)


def takes_passphrase(model: Model) -> bool:
    """Whether a passphrase protects what a model hides."""
    return scheme_of(model).takes_passphrase
