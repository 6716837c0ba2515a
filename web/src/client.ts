// The page's side of the worker: asks, hears of progress, and may call it off.

import type { Answers, Kind, Reply, Request } from './worker/protocol';

export type Tell = (what: string, share: number | null) => void;

/** What the worker says went wrong, in words for the person at the page. */
export class JobError extends Error {}

/** The job was called off. */
export class CancelledError extends Error {}

interface Pending {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
  readonly tell: Tell | undefined;
}

let worker: Worker | null = null;
let count = 0;
const pending = new Map<number, Pending>();

export function ask<K extends Kind>(
  request: Extract<Request, { kind: K }>,
  tell?: Tell,
): Promise<Answers[K]> {
  worker ??= start();
  const id = ++count;
  worker.postMessage({ id, request });
  return new Promise((resolve, reject) => {
    pending.set(id, { resolve, reject, tell });
  });
}

/** Stops whatever is under way; the next request starts a new worker. */
export function cancel(): void {
  stop(new CancelledError('Cancelled.'));
}

function start(): Worker {
  const made = new Worker(new URL('./worker/worker.ts', import.meta.url), { type: 'module' });
  made.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
    const job = pending.get(data.id);
    if (!job) return;
    if (data.kind === 'progress') {
      job.tell?.(data.what, data.share);
      return;
    }
    pending.delete(data.id);
    if (data.kind === 'done') job.resolve(data.answer as never);
    else job.reject(new JobError(data.message));
  });
  made.addEventListener('error', () => {
    stop(new JobError('The worker of this page could not start or ran out of memory. Reload it.'));
  });
  return made;
}

function stop(error: Error): void {
  worker?.terminate();
  worker = null;
  for (const job of pending.values()) job.reject(error);
  pending.clear();
}
