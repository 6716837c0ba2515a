"""The table of a survival result."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.common.markdown import table

_RENAMED = {"crop of 16 px an edge": "crop by 16 px at each edge"}
"""Labels of distortions in older results, and what they are called now."""


def summary(outcome: dict[str, Any]) -> tuple[str, float | None]:
    """A cell of the table, and the mean PSNR in dB if anything was revealed."""
    values = [value for value in outcome["revealed_psnr"] if value is not None]
    lost = len(outcome["revealed_psnr"]) - len(values)
    if not values:
        return "lost", None
    mean = float(np.mean(values))
    return (f"{mean:.1f}, {lost} lost" if lost else f"{mean:.1f}"), mean


def joined(*results: dict[str, Any]) -> dict[str, Any]:
    """What results of different models, of the same pictures and distortions, say together."""
    return {
        **results[0],
        "cells": [cell for result in results for cell in result["cells"]],
        "cover_psnr": {
            name: mean for result in results for name, mean in result["cover_psnr"].items()
        },
    }


def grid(result: dict[str, Any]) -> tuple[list[str], list[str], dict[tuple[str, str], Any]]:
    """Labels of distortions and of configurations, and the outcomes by both."""
    outcomes = {
        (_RENAMED.get(outcome["channel"], outcome["channel"]), outcome["name"]): outcome
        for outcome in result["cells"]
    }
    distortions = dict.fromkeys(distortion for distortion, _ in outcomes)
    configurations = dict.fromkeys(configuration for _, configuration in outcomes)
    return list(distortions), list(configurations), outcomes


def markdown(result: dict[str, Any]) -> str:
    """Revealed PSNR by distortion and configuration, as a table in Markdown."""
    distortions, configurations, outcomes = grid(result)
    covers = result.get("cover_psnr", {})
    rows = [
        [distortion, *(summary(outcomes[distortion, column])[0] for column in configurations)]
        for distortion in distortions
    ]
    if covers:
        rows.insert(0, ["*the cover*", *(f"*{covers[column]:.1f}*" for column in configurations)])
    return table(["distortion", *configurations], rows)
