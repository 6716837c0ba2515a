"""Pairs and names from names alone, so that they are the same for folders and object stores."""

from __future__ import annotations

import itertools
import unicodedata
from collections import Counter
from pathlib import PurePath
from typing import TypeVar

_P = TypeVar("_P", bound=PurePath)


def pair_names(covers: list[_P], secrets: list[_P], *, folders: bool) -> tuple[list[int], str]:
    """Pairs covers with several secrets.

    Args:
        covers: Names of the covers, within their folder.
        secrets: Names of the secrets, within theirs.
        folders: Whether both come from folders, so that their names can match.

    Returns:
        For each cover the index of its secret, and how the pairs were found, in words.
    """
    if folders:
        for with_extension in (True, False):
            by_name = _by_name(secrets, with_extension)
            keys = list(_by_name(covers, with_extension))
            if len(keys) == len(covers) and all(key in by_name for key in keys):
                return [by_name[key] for key in keys], "secrets matched by relative name"
    paired = [index % len(secrets) for index in range(len(covers))]
    pairing = "names differ, so secrets are taken in sorted order"
    if len(secrets) < len(covers):
        pairing += f", and the {len(secrets)} of them repeat"
    if len(secrets) > len(covers):
        pairing += f"; the last {len(secrets) - len(covers)} are not hidden"
    return paired, pairing


def _by_name(names: list[_P], with_extension: bool) -> dict[_P, int]:
    """Indices by name; empty if two have the same name without extension."""
    if not with_extension:
        names = [name.with_suffix("") for name in names]
    by_name = {name: index for index, name in enumerate(names)}
    return by_name if len(by_name) == len(names) else {}


def output_names(names: list[_P], extension: str) -> list[_P]:
    """The names with another extension; names that would then collide keep both extensions."""
    short = [name.with_suffix(extension) for name in names]
    count = Counter(map(name_key, short))
    taken = {key for key, times in count.items() if times == 1}
    places = []
    for name, place in zip(names, short, strict=True):
        if count[name_key(place)] > 1:
            numbers = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
            longer = (name.with_name(f"{name.name}{number}{extension}") for number in numbers)
            place = next(long for long in longer if name_key(long) not in taken)
            taken.add(name_key(place))
        places.append(place)
    return places


def name_key(name: PurePath | str) -> str:
    """Equal for names that a file system may take for one another."""
    return unicodedata.normalize("NFC", str(name).casefold())
