// A job under way: its progress, the way to call it off, and what went wrong.

import { CancelledError, cancel, JobError, type Tell } from '../client';
import { make, seconds } from './dom';

/** Before this much time has passed, an estimate of what is left is not worth showing. */
const ESTIMATE_AFTER_MS = 2500;

export interface Job {
  /** Runs a task, showing its progress and, if it fails, why. */
  readonly run: (task: (tell: Tell) => Promise<void>) => Promise<void>;
  readonly clear: () => void;
}

export function makeJob(place: HTMLElement, submit: HTMLButtonElement): Job {
  const words = make('span', { class: 'words', role: 'status' });
  const bar = make('progress', { max: '1', 'aria-label': 'Progress' });
  const stop = make('button', { type: 'button', class: 'quiet', click: cancel }, 'Cancel');
  const working = make('div', { class: 'working', hidden: true }, words, bar, stop);
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
      words.textContent = 'Starting';
      let started = performance.now();
      let said = '';
      try {
        await task((what, share) => {
          if (what !== said) started = performance.now();
          said = what;
          if (share === null) bar.removeAttribute('value');
          else bar.value = share;
          const passed = performance.now() - started;
          const left = share && passed > ESTIMATE_AFTER_MS ? (passed / share) * (1 - share) : 0;
          const text = left > 1000 ? `${what}, about ${seconds(left)} left` : what;
          if (words.textContent !== text) words.textContent = text;
        });
      } catch (reason) {
        if (reason instanceof CancelledError) return;
        error.textContent =
          reason instanceof JobError ? reason.message : `Something went wrong: ${reason}`;
      } finally {
        working.hidden = true;
        submit.disabled = false;
      }
    },
  };
}
