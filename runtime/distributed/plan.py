"""What a run will do: rows of sources and targets, paired and named as folders are."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from runtime.batch.pairing import name_key, output_names, pair_names
from runtime.batch.plan import OPEN
from runtime.distributed.places import absolute, is_remote, join
from runtime.distributed.settings import Row
from runtime.distributed.stores import store_of
from runtime.errors import UsageError
from runtime.images.decode import MAX_PIXELS
from runtime.images.formats import FORMATS, named_format, names_of

_COLUMNS = {"hide": ("cover", "secret", "output"), "reveal": ("container", "output")}


@dataclass(frozen=True)
class Plan:
    """What will be done.

    Attributes:
        rows: One for each picture, in order.
        pairing: How the pairs were found, in words; empty for reveal.
        left_out: How many files of the folders are no pictures.
    """

    rows: list[Row]
    pairing: str = ""
    left_out: int = 0

    @property
    def one_secret(self) -> bool:
        """Whether all covers get the same secret."""
        return len({row.secret for row in self.rows}) == 1


def plan_hide(covers: str, secrets: str, out: str, extension: str) -> Plan:
    """Pairs covers with secrets as `runtime.batch.plan.plan_hide` does.

    Args:
        covers: Folder or file.
        secrets: Folder or file.
        out: Folder.
        extension: Of containers.

    Raises:
        UsageError: There are no pictures, or an output would be an input.
    """
    covers, secrets, out = map(absolute, (covers, secrets, out))
    cover_files, left = store_of(covers).pictures(covers, "cover", out)
    secret_files, more = store_of(secrets).pictures(secrets, "secret", out)
    cover_names, secret_names = _names(cover_files, covers), _names(secret_files, secrets)
    if len(secret_files) == 1:
        indices, pairing = [0] * len(cover_files), f"{secret_files[0]} in every cover"
    else:
        folders = cover_files != [covers]
        indices, pairing = pair_names(cover_names, secret_names, folders=folders)
    targets = [join(out, name) for name in output_names(cover_names, extension)]
    each = zip(cover_files, indices, targets, strict=True)
    rows = [
        Row(number, cover, secret_files[index], target)
        for number, (cover, index, target) in enumerate(each)
    ]
    return _checked(Plan(rows, pairing, left + more))


def plan_reveal(containers: str, out: str, extension: str = OPEN) -> Plan:
    """Gives every revealed secret its place; see `plan_hide`."""
    containers, out = absolute(containers), absolute(out)
    files, left_out = store_of(containers).pictures(containers, "container", out)
    targets = (join(out, name) for name in output_names(_names(files, containers), extension))
    each = zip(files, targets, strict=True)
    rows = [Row(number, file, "", target) for number, (file, target) in enumerate(each)]
    return _checked(Plan(rows, "", left_out))


def plan_manifest(command: str, manifest: str, out: str, formats: tuple[str, ...]) -> Plan:
    """Reads what to do from a Parquet or CSV file.

    Its columns are cover, secret and output, or container and output. Outputs without a folder or
    URI of their own are in `out`, and their extensions say the formats; that of a revealed secret
    can be `.*`.

    Args:
        command: `hide` or `reveal`.
        manifest: The file.
        out: Folder.
        formats: Names of the formats that outputs can have.

    Raises:
        UsageError: It cannot be read, or not be done.
    """
    columns = _COLUMNS[command]
    records = _read(absolute(manifest), columns)
    rows = []
    for number, record in enumerate(records):
        if any(not record[name] for name in columns):
            raise UsageError(f"{manifest}: row {number + 1} lacks a value")
        output = record["output"]
        if not is_remote(output):
            output = join(absolute(out), PurePosixPath(output))
        named = None if output.endswith(OPEN) else named_format(Path(output))
        if (named is None and command == "hide") or (named and named.name not in formats):
            raise UsageError(
                f"{manifest}: row {number + 1}: {output} does not end as {names_of(formats)} "
                "files do"
            )
        if named is None and not output.endswith(OPEN):
            raise UsageError(
                f"{manifest}: row {number + 1}: {output} ends as no picture does; .* stands for "
                "the extension of the secret's own file"
            )
        source, secret = absolute(record[columns[0]]), record.get("secret", "")
        secret = absolute(secret) if secret else ""
        rows.append(Row(number, source, secret, output, named.name if named else ""))
    return _checked(Plan(rows, "as the manifest says" if command == "hide" else ""))


def undone(plan: Plan, out: str) -> tuple[list[Row], list[tuple[Row, str]]]:
    """The rows without an output yet, and those with one, beside it."""
    out = absolute(out)
    found = set(store_of(out).below(out))
    rows, done = [], []
    for row in plan.rows:
        existing = next((place for place in row.possible if place in found), None)
        if existing is None and not row.target.startswith(out):
            store = store_of(row.target)
            existing = next((place for place in row.possible if store.exists(place)), None)
        if existing is None:
            rows.append(row)
        else:
            done.append((row, existing))
    return rows, done


def _names(files: list[str], source: str) -> list[PurePosixPath]:
    """Names within their folder; of one file, its own."""
    if files == [source]:
        return [PurePosixPath(Path(source).name)]
    start = len(source.rstrip("/")) + 1
    return [PurePosixPath(Path(file[start:]).as_posix()) for file in files]


def _checked(plan: Plan) -> Plan:
    """The plan, if no output is an input or another output."""
    inputs = {_key(place) for row in plan.rows for place in (row.source, row.secret) if place}
    outputs: set[str] = set()
    for row in plan.rows:
        for place in row.possible:
            if _key(place) in inputs:
                raise UsageError(f"{place} would overwrite an input; choose another output")
        if (key := _key(row.target)) in outputs:
            raise UsageError(f"{row.target} would be the output of two rows")
        outputs.add(key)
    return plan


def _key(place: str) -> str:
    if is_remote(place):
        return place
    folder, name = os.path.split(place)
    return name_key(os.path.join(_real(folder), name))  # noqa: PTH118


@lru_cache(1024)
def _real(folder: str) -> str:
    return os.path.realpath(folder)


def _read(manifest: str, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    import pyarrow as pa
    from pyarrow import csv, parquet

    try:
        content = io.BytesIO(store_of(manifest).read(manifest, MAX_PIXELS))
        if manifest.lower().endswith(".parquet"):
            table = parquet.read_table(content)
        else:
            as_text = csv.ConvertOptions(column_types=dict.fromkeys(columns, pa.string()))
            table = csv.read_csv(content, convert_options=as_text)
    except (pa.ArrowException, ValueError) as error:
        raise UsageError(f"{manifest} cannot be read as a manifest: {error}") from error
    missing = [name for name in columns if name not in table.column_names]
    if missing:
        raise UsageError(f"{manifest} has no column {missing[0]}; it needs {', '.join(columns)}")
    if not table.num_rows:
        raise UsageError(f"{manifest} has no rows")
    records: list[dict[str, Any]] = table.select(list(columns)).to_pylist()
    return records


def extension_of(format_: str) -> str:
    """The extension of files of a format."""
    return FORMATS[format_].extension
