"""The training loop: steps, progress, log, checkpoints, and a clean end on time or Ctrl-C."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import keras
import numpy as np
from tqdm import tqdm

from training import checkpoint, log
from training.batches import Batch
from training.interrupt import Interrupt
from training.measure import Measured, measure, psnr_of_mse
from training.panel import write_panel

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


@dataclass
class _Window:
    """Losses since the last row of the log."""

    started: float
    losses: list[tuple[float, float, float]] = field(default_factory=list)

    def row(self, step: int, now: float, measured: Measured | None) -> log.Row:
        loss, cover, secret = np.mean(self.losses, axis=0)
        return log.Row(
            step=step,
            loss=float(loss),
            cover_mse=float(cover),
            secret_mse=float(secret),
            cover_psnr=psnr_of_mse(cover),
            revealed_psnr=psnr_of_mse(secret),
            steps_per_second=len(self.losses) / max(now - self.started, 1e-9),
            validation_cover_psnr=measured.cover_psnr if measured else None,
            validation_revealed_psnr=measured.revealed_psnr if measured else None,
        )


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


def one_step(model: keras.Model, batch: Batch) -> tuple[float, float, float]:
    """One optimiser step; returns the loss and the cover's and the secret's mean squared error."""
    model.reset_metrics()
    logs = model.train_on_batch(batch, return_dict=True)
    return float(logs["loss"]), float(logs["cover_mse"]), float(logs["secret_mse"])


def run(
    model: keras.Model,
    batches: Callable[[int, int], Iterator[Batch]],
    validation: Batch,
    shown: Batch,
    folder: Path,
    pace: Pace,
    start: int,
    title: str,
) -> int:
    """Trains from step `start` until `pace` or Ctrl-C ends it; returns the step reached.

    The folder then holds a checkpoint of that very step, the log, the curve and a panel.
    """
    rows = log.read_rows(folder, start)
    now = time.monotonic()
    deadline = np.inf if pace.minutes is None else now + 60 * pace.minutes
    window, saved, step = _Window(now), now, start

    def write(now: float, measured: Measured | None) -> None:
        if window.losses:
            rows.append(window.row(step, now, measured))
        log.write_rows(folder, rows)

    def save() -> Measured:
        now = time.monotonic()
        checkpoint.save(model, folder)
        measured = measure(model, validation)
        made = measure(model, shown)
        write_panel(
            folder / PANEL_NAME, shown["cover"], made.containers, made.revealed, shown["secret"]
        )
        write(now, measured)
        log.write_curve(folder, rows, title)
        return measured

    with (
        Interrupt() as interrupt,
        tqdm(total=pace.steps, initial=start, unit="step", dynamic_ncols=True) as progress,
    ):
        for batch in batches(start, pace.steps):
            window.losses.append(one_step(model, batch))
            step += 1
            progress.update()
            _show(progress, window)
            now = time.monotonic()
            if interrupt.asked or now >= deadline:
                break
            if now - saved >= 60 * pace.save_minutes:
                measured = save()
                progress.write(f"step {step}: {_summary(measured)}")
                window = _Window(time.monotonic())
                saved = time.monotonic()
            elif len(window.losses) >= pace.log_every:
                write(now, None)
                window = _Window(now)
    measured = save()
    print(f"step {step}: {_summary(measured)}", flush=True)
    return step


def _show(progress: tqdm, window: _Window) -> None:
    loss, cover, secret = np.mean(window.losses, axis=0)
    progress.set_postfix_str(
        f"loss {loss:.5f}, cover {psnr_of_mse(cover):.2f} dB, "
        f"revealed {psnr_of_mse(secret):.2f} dB",
        refresh=False,
    )


def _summary(measured: Measured) -> str:
    return (
        f"validation cover {measured.cover_psnr:.2f} dB, revealed {measured.revealed_psnr:.2f} dB"
    )
