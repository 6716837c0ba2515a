"""The training loop: steps, progress, log, checkpoints, and a clean stop on time or Ctrl-C."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np
from tqdm import tqdm

from training import checkpoint, log
from training.interrupt import Interrupt
from training.optimizer import averaged
from training.panel import Columns, write_columns

Batch = dict[str, Any]

PANEL_NAME = "panel.png"
# tqdm's own, less its estimate of the time left, which knows no time limit.
_BAR = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}, {rate_fmt}{postfix}]"


@dataclass(frozen=True)
class Schedule:
    """When a run stops and how often it writes.

    Attributes:
        steps: The step at which the run is complete.
        minutes: Time limit of this session; None for no limit.
        log_every: Steps between rows of the log.
        save_minutes: Minutes between checkpoints, each with a validation and a new panel.
    """

    steps: int
    minutes: float | None = None
    log_every: int = 50
    save_minutes: float = 3.0


class Report(Protocol):
    """What training logs, measures and shows of a model."""

    step_columns: tuple[str, ...]
    validation_columns: tuple[str, ...]
    plots: tuple[log.Plot, ...]

    def step_row(self, means: dict[str, float]) -> log.Row:
        """The step columns, from means of the metrics over some steps."""

    def measure(self, model: keras.Model) -> log.Row:
        """The validation columns."""

    def panel(self, model: keras.Model) -> Columns:
        """Pictures to show, see `training.panel`."""

    def describe_steps(self, row: log.Row) -> str:
        """A few words to show beside the progress bar."""

    def describe_validation(self, row: log.Row) -> str:
        """A line of text about the validation."""


@dataclass
class _Window:
    """Metrics since the last row of the log."""

    started: float
    metrics: list[dict[str, float]] = field(default_factory=list)

    def means(self) -> dict[str, float]:
        return {name: float(np.mean([m[name] for m in self.metrics])) for name in self.metrics[0]}


def one_step(model: keras.Model, batch: Batch) -> dict[str, float]:
    """Runs one optimizer step; returns the metrics, including the loss."""
    model.reset_metrics()
    logs = model.train_on_batch(batch, return_dict=True)
    return {name: float(value) for name, value in logs.items()}


def _time_left(steps: int, seconds_per_step: float, to_deadline: float) -> str:
    """Until the last step or the time limit, whichever is sooner."""
    return str(tqdm.format_interval(max(0.0, min(steps * seconds_per_step, to_deadline))))


def run(
    model: keras.Model,
    batches: Callable[[int, int], Iterator[Batch]],
    report: Report,
    folder: Path,
    schedule: Schedule,
    start: int,
    title: str,
) -> int:
    """Trains from step `start` until the schedule or Ctrl-C stops it; returns the step reached.

    The folder then has a checkpoint of that step, the log, the loss curve and a panel.
    """
    columns = ("step", *report.step_columns, "steps_per_second", *report.validation_columns)
    rows = log.read_rows(folder, start)
    now = time.monotonic()
    deadline = np.inf if schedule.minutes is None else now + 60 * schedule.minutes
    began, window, saved, step = now, _Window(now), now, start

    def write(now: float, measured: log.Row) -> None:
        if window.metrics:
            row = dict.fromkeys(columns) | {"step": step} | report.step_row(window.means())
            speed = len(window.metrics) / max(now - window.started, 1e-9)
            rows.append(row | {"steps_per_second": speed})
        if rows:
            rows[-1] |= measured
        log.write_rows(folder, rows, columns)

    def save() -> str:
        now = time.monotonic()
        checkpoint.save(model, folder)
        with averaged(model):
            measured = report.measure(model)
            write_columns(folder / PANEL_NAME, report.panel(model))
        write(now, measured)
        log.write_curve(folder, rows, title, report.plots)
        return f"step {step}: {report.describe_validation(measured)}"

    with (
        Interrupt() as interrupt,
        tqdm(
            total=schedule.steps,
            initial=start,
            unit="step",
            dynamic_ncols=True,
            bar_format=_BAR,
        ) as progress,
    ):
        for batch in batches(start, schedule.steps):
            window.metrics.append(one_step(model, batch))
            step += 1
            progress.update()
            text = report.describe_steps(report.step_row(window.means()))
            now = time.monotonic()
            left = _time_left(schedule.steps - step, (now - began) / (step - start), deadline - now)
            progress.set_postfix_str(f"{left} left, {text}", refresh=False)
            if interrupt.asked or now >= deadline:
                break
            if now - saved >= 60 * schedule.save_minutes:
                progress.write(save())
                window = _Window(time.monotonic())
                saved = time.monotonic()
            elif len(window.metrics) >= schedule.log_every:
                write(now, {})
                window = _Window(now)
    print(save(), flush=True)
    return step
