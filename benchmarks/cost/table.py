"""The table of a cost result."""

from __future__ import annotations

from typing import Any

from benchmarks.common.markdown import table

_HEAD = (
    "",
    "parameters",
    "table entries",
    "file",
    "multiply-accumulates per pixel",
    "other values written per pixel",
)


def markdown(result: dict[str, Any]) -> str:
    """The costs as a table in Markdown, ours before published ones, with notes below."""
    rows = [_ours(cost) for cost in result["costs"]]
    rows += [
        _published(other, operation)
        for other in result["published"]
        for operation in ("hide", "reveal")
    ]
    notes = [f"\\* {other['how']}; counted from {other['source']}" for other in result["published"]]
    return "\n".join([table(_HEAD, rows), "", *notes])


def _ours(cost: dict[str, Any]) -> list[str]:
    bits = f", {cost['bits']} bit" if cost["bits"] else ""
    return [
        f"{cost['name']}, {cost['part']}{bits}",
        f"{cost['parameters']:,}",
        f"{cost['table_entries']:,}",
        f"{cost['bytes'] / 1e6:.2f} MB",
        f"{cost['macs']:,.0f}",
        f"{cost['elements']:,.0f}",
    ]


def _published(other: dict[str, Any], operation: str) -> list[str]:
    parameters, macs = other[f"{operation}_parameters"], other[f"{operation}_macs"]
    return [f"{other['name']}, {operation} *", f"{parameters:,}", "-", "-", f"{macs:,.0f}", "-"]
