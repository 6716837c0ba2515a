// The worker: decodes, hides, reveals and encodes, so that the page stays responsive.

import type { Networks } from '../core/engine/network';
import { PlainsightError } from '../core/errors';
import { PNG } from '../core/images/formats';
import type { Image } from '../core/images/image';
import { metadataOf, stripMetadata } from '../core/images/metadata';
import { psnr } from '../core/images/metrics';
import { encodePng } from '../core/images/png-encode';
import { isFile, type Payload } from '../core/payloads/payload';
import { type Model, modelNamed } from '../models';
import { decoded } from './decoded';
import { openGraph, prepare, schemeOf } from './networks';
import { difference, preview } from './preview';
import type { HideJob, Kind, Reply, Request, Results } from './protocol';
import { threads } from './sessions';

type Report = (activity: string, share: number | null) => void;
type Job<K extends Kind> = Extract<Request, { kind: K }>;

self.addEventListener('message', async (event: MessageEvent<{ id: number; request: Request }>) => {
  const { id, request } = event.data;
  const reply = (message: Reply, transfer: Transferable[] = []) =>
    self.postMessage(message, { transfer });
  try {
    const result = await resultOf(request, (activity, share) =>
      reply({ id, kind: 'progress', activity, share }),
    );
    reply({ id, kind: 'done', result }, bitmapsOf(result));
  } catch (error) {
    reply({ id, kind: 'failed', message: messageOf(error) });
  }
});

async function resultOf(request: Request, report: Report): Promise<Results[Kind]> {
  switch (request.kind) {
    case 'prepare':
      await prepare();
      return { threads };
    case 'check':
      return check(request);
    case 'forecast':
      return forecast(request);
    case 'hide':
      return hide(request, report);
    case 'reveal':
      return reveal(request, report);
  }
}

async function check({ picture, role }: Job<'check'>): Promise<Results['check']> {
  const read = await decoded(picture, role);
  const { width, height } = 'picture' in read ? read.picture : read;
  return { width, height };
}

async function forecast(job: Job<'forecast'>): Promise<Results['forecast']> {
  const model = modelNamed(job.model);
  const cover = await decoded(job.cover, 'cover');
  const scheme = await schemeOf(model);
  return scheme.forecast(graphsOf(model).open, cover, await secretOf(job), job.options);
}

async function hide(job: Job<'hide'>, report: Report): Promise<Results['hide']> {
  const { options, passphrase } = job;
  const model = modelNamed(job.model);
  report('Reading the pictures', null);
  const cover = await decoded(job.cover, 'cover');
  const secret = await secretOf(job);
  const started = performance.now();
  report('Preparing', null);
  const scheme = await schemeOf(model);
  const graphs = graphsOf(model);
  const progress = (share: number) => report('Hiding', share);
  const hidden = await scheme.hide(graphs.open, cover, secret, options, passphrase, progress);
  const { picture, payload } = hidden;
  report('Writing the PNG file', null);
  const content = encodePng(picture);
  const milliseconds = performance.now() - started;
  const { gain } = model.scheme;
  return {
    content,
    format: PNG.name,
    extension: PNG.extension,
    width: picture.width,
    height: picture.height,
    milliseconds,
    backend: graphs.backend(),
    payload,
    notes: [...hidden.notes, ...notesOn(secret, payload)],
    psnr: psnr(cover, picture),
    preview: {
      cover: await preview(cover),
      container: await preview(picture),
      difference: await preview(difference(cover, picture, gain)),
      gain,
    },
  };
}

async function reveal(job: Job<'reveal'>, report: Report): Promise<Results['reveal']> {
  const { passphrase } = job;
  const model = modelNamed(job.model);
  report('Reading the container', null);
  const container = await decoded(job.container, 'container');
  const started = performance.now();
  report(passphrase ? 'Deriving the key' : 'Preparing', null);
  const scheme = await schemeOf(model);
  const graphs = graphsOf(model);
  const progress = (share: number) => report('Revealing', share);
  const revealed = await scheme.reveal(graphs.open, container, passphrase, progress);
  const { picture, size, file, damage, notes, payload } = revealed;
  report(file ? 'Showing the file' : 'Writing the PNG file', null);
  const format = file?.format ?? PNG;
  let content = new Blob(file ? [file.content] : [], { type: format.mediaType });
  if (!file && picture) content = encodePng(picture);
  const milliseconds = performance.now() - started;
  return {
    content,
    format: format.name,
    extension: format.extension,
    width: size.width,
    height: size.height,
    milliseconds,
    backend: graphs.backend(),
    payload,
    notes,
    damage,
    preview: picture && (await preview(picture)),
  };
}

/** The secret of a job, without the metadata of its file if that is not wanted. */
async function secretOf({ secret, stripMetadata: strip }: HideJob): Promise<Image> {
  const image = await decoded(secret, 'secret');
  const content = strip && image.content ? stripMetadata(image.content) : image.content;
  return { ...image, content };
}

function notesOn({ content }: Image, payload: Payload | null): string[] {
  const carried = payload && isFile(payload) && content ? metadataOf(content) : [];
  if (carried.length === 0) return [];
  return [`secret: its file is hidden as it is, with ${carried.join(' and ')}`];
}

/** Opens graphs of a model, and remembers what runs them. */
function graphsOf(model: Model): { open: Networks; backend: () => string } {
  let backend = '';
  return {
    open: async (graph) => {
      const network = await openGraph(model, graph);
      backend = network.backend;
      return network;
    },
    backend: () => backend,
  };
}

function bitmapsOf(result: Results[Kind]): ImageBitmap[] {
  if (!result || !('preview' in result) || !result.preview) return [];
  const { preview } = result;
  return preview instanceof ImageBitmap
    ? [preview]
    : [preview.cover, preview.container, preview.difference];
}

function messageOf(error: unknown): string {
  if (error instanceof PlainsightError) return error.message;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof RangeError || /memory|allocat|bad_alloc/i.test(message)) {
    return 'This browser has run out of memory. Close other tabs, or use a smaller picture.';
  }
  return `An unexpected error occurred: ${message}`;
}
