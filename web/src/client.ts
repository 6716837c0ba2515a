// The page's side of the worker: sends requests, receives progress and results, and can cancel.

import type { Kind, Reply, Request, Results } from './worker/protocol';
import workerUrl from './worker/worker?worker&url';

/** Called with what is being done, and the share that is done (0 to 1, null if unknown). */
export type Report = (activity: string, share: number | null) => void;

/** An error in the worker; its message is for the user. */
export class JobError extends Error {}

/** The user cancelled the job. */
export class CancelledError extends Error {}

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
  readonly report: Report | undefined;
}

let worker: Worker | null = null;
let lastId = 0;
const pending = new Map<number, Pending>();

export function ask<K extends Kind>(
  request: Extract<Request, { kind: K }>,
  report?: Report,
): Promise<Results[K]> {
  worker ??= start();
  const id = ++lastId;
  worker.postMessage({ id, request });
  return new Promise((resolve, reject) => {
    pending.set(id, { resolve, reject, report });
  });
}

/** Stops everything that is running; the next request starts a new worker. */
export function cancel(): void {
  stop(new CancelledError('Cancelled.'));
}

function start(): Worker {
  // A worker from a blob obeys the page's Content-Security-Policy. One from a file obeys only the
  // headers that come with the file, and GitHub Pages sends none.
  const { href } = new URL(workerUrl, import.meta.url);
  const script = new Blob([`import ${JSON.stringify(href)};`], { type: 'text/javascript' });
  const url = URL.createObjectURL(script);
  const started = new Worker(url, { type: 'module' });
  started.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
    const job = pending.get(data.id);
    if (!job) return;
    if (data.kind === 'progress') {
      job.report?.(data.activity, data.share);
      return;
    }
    pending.delete(data.id);
    if (data.kind === 'done') job.resolve(data.result as never);
    else job.reject(new JobError(data.message));
  });
  started.addEventListener('error', () => {
    stop(
      new JobError(
        'The page could not start its worker, or it ran out of memory. Reload the page.',
      ),
    );
  });
  return started;
}

function stop(error: Error): void {
  worker?.terminate();
  worker = null;
  for (const job of pending.values()) job.reject(error);
  pending.clear();
}
