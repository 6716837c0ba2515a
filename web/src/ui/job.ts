// A running job: its progress, a button to cancel it, and its error.

import { CancelledError, cancel, JobError, type Report } from '../client';
import { make, seconds } from './dom';

/** Before this much time has passed, an estimate of the time left is not reliable. */
const ESTIMATE_AFTER_MS = 2500;

export interface Job {
  /** Runs a task, and shows its progress and, if it fails, the error. */
  readonly run: (task: (report: Report) => Promise<void>) => Promise<void>;
  readonly clear: () => void;
}

export function makeJob(place: HTMLElement, submit: HTMLButtonElement): Job {
  const status = make('span', { class: 'status', role: 'status' });
  const bar = make('progress', { max: '1', 'aria-label': 'Progress' });
  const stop = make('button', { type: 'button', class: 'quiet', click: cancel }, 'Cancel');
  const working = make('div', { class: 'working', hidden: true }, status, bar, stop);
  const error = make('p', { class: 'error', role: 'alert' });
  place.append(working, error);

  return {
    clear: () => {
      error.textContent = '';
    },
    run: async (task) => {
      error.textContent = '';
      working.hidden = false;
      submit.disabled = true;
      bar.removeAttribute('value');
      status.textContent = 'Starting';
      let started = performance.now();
      let current = '';
      try {
        await task((activity, share) => {
          if (activity !== current) started = performance.now();
          current = activity;
          if (share === null) bar.removeAttribute('value');
          else bar.value = share;
          const passed = performance.now() - started;
          const left = share && passed > ESTIMATE_AFTER_MS ? (passed / share) * (1 - share) : 0;
          const text = left > 1000 ? `${activity}, about ${seconds(left)} left` : activity;
          if (status.textContent !== text) status.textContent = text;
        });
      } catch (reason) {
        if (reason instanceof CancelledError) return;
        error.textContent =
          reason instanceof JobError ? reason.message : `An unexpected error occurred: ${reason}`;
      } finally {
        working.hidden = true;
        submit.disabled = false;
      }
    },
  };
}
