"""Logs: a JSON object per line, of which nothing comes from a request but sizes and times.

No passphrase, file name, path, header or content can get into a line: what this package logs has
fixed fields, and of what others log only the place in their source is kept. Their messages, and
those of exceptions, may quote what was sent.
"""

from __future__ import annotations

import datetime
import json
import logging
import os
import sys
import traceback
from pathlib import Path
from typing import Any

_logger = logging.getLogger("runtime.service")


def log(event: str, level: int = logging.INFO, **fields: str | float | None) -> None:
    """Logs an event with its fields."""
    _logger.log(level, event, extra={"event": event, "fields": fields})


def log_failure(error: BaseException) -> None:
    """Logs an error that nobody expected: its kind and where it was raised."""
    log("failure", logging.ERROR, error=type(error).__name__, at=_places(error))


def _places(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return " > ".join(f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in frames)


class JsonLines(logging.Formatter):
    """Formats records as JSON objects."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        when = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        line: dict[str, Any] = {
            "time": when.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "worker": os.getpid(),
            "event": getattr(record, "event", "library"),
        }
        if hasattr(record, "fields"):
            line |= {name: value for name, value in record.fields.items() if value is not None}
        else:
            line |= {"logger": record.name, "at": f"{record.filename}:{record.lineno}"}
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            line |= {"error": type(error).__name__, "raised": _places(error)}
        return json.dumps(line)


def log_to_standard_output() -> None:
    """Sends the logs of this process to standard output, and warnings of libraries with them."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(True)
    _logger.setLevel(logging.INFO)
