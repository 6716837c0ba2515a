"""The report of a run: a Parquet file with a row for each picture, as `--json` says it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from runtime.distributed.stores import store_of
from runtime.errors import ExistsError, UsageError
from runtime.schemes import OptionSpec, all_options

_GROUP = 10_000
_TYPES = {int: pa.int64(), float: pa.float64(), bool: pa.bool_(), str: pa.string()}


def schema_of(command: str) -> pa.Schema:
    """The columns of a report; docs/command-line.md describes them as keys of `--json`."""
    text, whole, real = pa.string(), pa.int64(), pa.float64()
    hide = command == "hide"
    paths = ("cover", "secret", "container") if hide else ("container", "revealed")
    options = {name: _type_of(declared[0][1]) for name, declared in all_options().items()}
    coded = pa.struct({"height": whole, "width": whole})
    payload = {
        "kind": text,
        "exact": pa.bool_(),
        "bytes": whole,
        "capacity": whole,
        "bits_per_pixel": real,
        "coded": coded,
        "psnr": real,
    }
    stages = dict.fromkeys(("decode", "network", "encode", "verify"), real)
    return pa.schema(
        {
            "status": text,
            **dict.fromkeys(paths, text),
            "model": text,
            **(options if hide else {}),
            "height": whole,
            "width": whole,
            "payload": pa.struct(payload),
            "seconds": pa.struct(stages),
            **({"psnr": pa.struct({"cover": real, "revealed": real})} if hide else {}),
            "notes": pa.list_(text),
            "error": pa.struct({"code": text, "message": text}),
        }
    )


def _type_of(spec: OptionSpec) -> pa.DataType:
    """Text for options that are a number or a word."""
    types = {type(choice) for choice in spec.choices}
    return _TYPES[types.pop()] if len(types) == 1 else pa.string()


class Report:
    """Collects rows on a disk of this machine, and writes them to their place at the end.

    Args:
        place: Of the file.
        command: `hide` or `reveal`.

    Raises:
        UsageError: There is such a file.
    """

    def __init__(self, place: str, command: str) -> None:
        if store_of(place).exists(place):
            raise UsageError(f"{place} already exists; choose another report")
        self._place, self._schema = place, schema_of(command)
        self._rows: list[dict[str, Any]] = []
        self._file = tempfile.NamedTemporaryFile(suffix=".parquet")  # noqa: SIM115
        self._writer = parquet.ParquetWriter(self._file, self._schema)

    def add(self, record: dict[str, Any]) -> None:
        """Adds a row."""
        texts = {
            name: str(record[name])
            for name in all_options()
            if record.get(name) is not None and self._schema.field(name).type == pa.string()
        }
        self._rows.append({**record, **texts})
        if len(self._rows) >= _GROUP:
            self._flush()

    def close(self) -> None:
        """Writes the file.

        Raises:
            UsageError: There is such a file by now.
            UnwritableError: It cannot be written.
        """
        self._flush()
        self._writer.close()
        self._file.flush()
        content = Path(self._file.name).read_bytes()
        self._file.close()
        try:
            store_of(self._place).write(self._place, content, private=True)
        except ExistsError:
            raise UsageError(f"{self._place} already exists; choose another report") from None

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, self._schema))
            self._rows = []
