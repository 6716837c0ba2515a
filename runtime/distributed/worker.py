"""A worker of the pool: one model for its life, and a few pictures at a time."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple
from pathlib import Path
from typing import Any

import pyarrow as pa
import ray

from runtime.cli.passphrase import passphrase_of
from runtime.distributed.attempts import MOST
from runtime.distributed.settings import PassphraseSource, Row, Settings
from runtime.distributed.work import Work
from runtime.errors import OutOfMemoryError, PlainsightError

_WAITING = 2  # pictures that are downloaded or uploaded while others are worked on
COLUMNS = tuple(Row.__dataclass_fields__)


def table_of(rows: list[Row]) -> pa.Table:
    """A block of rows, as Ray Data carries them."""
    columns = zip(*map(astuple, rows), strict=True)
    return pa.table(dict(zip(COLUMNS, map(list, columns), strict=True)))


def open_work(settings: Settings) -> Work:
    """Opens the model with the passphrase that this machine has; errors as `Work`."""
    return Work(settings, _passphrase(settings.passphrase))


def _passphrase(source: PassphraseSource) -> str | bytes | None:
    path = Path(source.file) if source.file else None
    named = argparse.Namespace(
        passphrase_file=path, passphrase_env=source.variable, ask_passphrase=False
    )
    return passphrase_of(named, twice=False)


class Worker:
    """What Ray Data calls with blocks of rows.

    Args:
        settings: Of the run.
        attempts: The actor that counts attempts.
    """

    def __init__(self, settings: Settings, attempts: Any) -> None:
        self._work = open_work(settings)
        self._attempts = attempts
        self._pool = ThreadPoolExecutor(settings.at_once + _WAITING)

    def __call__(self, block: pa.Table) -> pa.Table:
        """Does the rows of a block; returns what is said of each."""
        rows = [Row(**row) for row in block.to_pylist()]
        lost = ray.get(self._attempts.begin_block.remote(rows[0].number))
        if lost:
            records = [self._alone(row) for row in rows]
        else:
            records = list(self._pool.map(lambda row: self._do(row, look=False), rows))
        return pa.table({"record": [json.dumps(record) for record in records]})

    def _alone(self, row: Row) -> dict[str, Any]:
        """Does a row of a block whose worker was lost: with nothing else in hand."""
        lost = ray.get(self._attempts.begin_row.remote(row.number))
        if lost >= MOST:
            error = PlainsightError(f"{lost} workers were lost with it in hand")
            record = self._work.refuse(row, error)
        else:
            record = self._do(row, look=True)
        self._attempts.end_row.remote(row.number)
        return record

    def _do(self, row: Row, *, look: bool) -> dict[str, Any]:
        try:
            return self._work.do(row, look=look)
        except MemoryError:
            refused: PlainsightError = OutOfMemoryError("there is not enough memory for it")
        except Exception as error:
            refused = PlainsightError(f"unexpected {type(error).__name__}: {error}")
        return self._work.refuse(row, refused)


def quietly(function: Callable[[], Any]) -> Any:
    """Calls a function on a machine of the cluster; its errors are raised here as they are."""
    try:
        return function()
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, PlainsightError):
            raise error.cause from None
        raise
