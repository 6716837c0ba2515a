"""The training loop: steps, progress, log, checkpoints, and a clean end on time or Ctrl-C."""

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
from training.panel import Panel, write_panel

Batch = dict[str, Any]

PANEL_NAME = "panel.png"


@dataclass(frozen=True)
class Pace:
    """When a run stops and how often it writes.

    Attributes:
        steps: The run is finished at this step.
        minutes: It stops after this time, whichever comes first; None for no limit.
        log_every: Steps between rows of the log.
        save_minutes: Minutes between checkpoints, each with a validation and a fresh panel.
    """

    steps: int
    minutes: float | None = None
    log_every: int = 50
    save_minutes: float = 3.0


class Report(Protocol):
    """What is logged, measured and shown of a model in training."""

    step_columns: tuple[str, ...]
    validation_columns: tuple[str, ...]
    plots: tuple[log.Plot, ...]

    def of_steps(self, means: dict[str, float]) -> log.Row:
        """The step columns, of the metrics' means over some steps."""

    def measure(self, model: keras.Model) -> log.Row:
        """The validation columns."""

    def panel(self, model: keras.Model) -> Panel:
        """Pictures to show."""

    def say_steps(self, row: log.Row) -> str:
        """A few words beside the progress bar."""

    def say_measured(self, row: log.Row) -> str:
        """A line on the validation."""


@dataclass
class _Window:
    """Metrics since the last row of the log."""

    started: float
    metrics: list[dict[str, float]] = field(default_factory=list)

    def means(self) -> dict[str, float]:
        return {name: float(np.mean([m[name] for m in self.metrics])) for name in self.metrics[0]}


def compile_for_training(model: keras.Model, lr: float, steps: int) -> None:
    """Adam with a short warm-up and a cosine to 2% of `lr` over `steps`."""
    warm_up = min(200, steps // 10)
    schedule = keras.optimizers.schedules.CosineDecay(
        0.1 * lr, max(steps - warm_up, 1), alpha=0.2, warmup_target=lr, warmup_steps=warm_up
    )
    # JAX has no other way. Under TensorFlow on a CPU its own convolutions beat the compiled ones
    # (1.45 times the steps a second at width `paper`), and torch.compile needs a C++ compiler.
    jit = keras.backend.backend() == "jax"
    model.compile(keras.optimizers.Adam(schedule, epsilon=1e-8), jit_compile=jit)


def one_step(model: keras.Model, batch: Batch) -> dict[str, float]:
    """One optimiser step; returns the metrics, the loss among them."""
    model.reset_metrics()
    logs = model.train_on_batch(batch, return_dict=True)
    return {name: float(value) for name, value in logs.items()}


def run(
    model: keras.Model,
    batches: Callable[[int, int], Iterator[Batch]],
    report: Report,
    folder: Path,
    pace: Pace,
    start: int,
    title: str,
) -> int:
    """Trains from step `start` until `pace` or Ctrl-C ends it; returns the step reached.

    The folder then holds a checkpoint of that very step, the log, the curve and a panel.
    """
    columns = ("step", *report.step_columns, "steps_per_second", *report.validation_columns)
    rows = log.read_rows(folder, start)
    now = time.monotonic()
    deadline = np.inf if pace.minutes is None else now + 60 * pace.minutes
    window, saved, step = _Window(now), now, start

    def write(now: float, measured: log.Row) -> None:
        if window.metrics:
            row = dict.fromkeys(columns) | {"step": step} | report.of_steps(window.means())
            speed = len(window.metrics) / max(now - window.started, 1e-9)
            rows.append(row | {"steps_per_second": speed})
        if rows:
            rows[-1] |= measured
        log.write_rows(folder, rows, columns)

    def save() -> str:
        now = time.monotonic()
        checkpoint.save(model, folder)
        measured = report.measure(model)
        write_panel(folder / PANEL_NAME, report.panel(model))
        write(now, measured)
        log.write_curve(folder, rows, title, report.plots)
        return f"step {step}: {report.say_measured(measured)}"

    with (
        Interrupt() as interrupt,
        tqdm(total=pace.steps, initial=start, unit="step", dynamic_ncols=True) as progress,
    ):
        for batch in batches(start, pace.steps):
            window.metrics.append(one_step(model, batch))
            step += 1
            progress.update()
            shown = report.say_steps(report.of_steps(window.means()))
            progress.set_postfix_str(shown, refresh=False)
            now = time.monotonic()
            if interrupt.asked or now >= deadline:
                break
            if now - saved >= 60 * pace.save_minutes:
                progress.write(save())
                window = _Window(time.monotonic())
                saved = time.monotonic()
            elif len(window.metrics) >= pace.log_every:
                write(now, {})
                window = _Window(now)
    print(save(), flush=True)
    return step
