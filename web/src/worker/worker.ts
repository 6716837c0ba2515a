// The worker: decodes, hides, reveals and encodes, so that the page stays responsive.

import { PlainsightError } from '../core/errors';
import { readContainer, readPicture } from '../core/images/decode';
import { psnr } from '../core/images/metrics';
import type { Picture } from '../core/images/picture';
import { encodePng } from '../core/images/png-encode';
import { modelNamed } from '../models';
import { openModel, prepare } from './networks';
import { difference, preview } from './preview';
import type { Kind, NumberedFile, Reply, Request, Results, Role } from './protocol';
import { threads } from './sessions';

/** Decoded pictures to keep: a cover, a secret and a container. */
const MAX_DECODED = 3;
const decoded = new Map<string, Picture>();

type Report = (activity: string, share: number | null) => void;

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
      return check(request.picture, request.role);
    case 'hide':
      return hide(request, report);
    case 'reveal':
      return reveal(request, report);
  }
}

async function check(picture: NumberedFile, role: Role): Promise<Results['check']> {
  const { width, height } = await pictureOf(picture, role);
  return { width, height };
}

async function hide(
  request: Extract<Request, { kind: 'hide' }>,
  report: Report,
): Promise<Results['hide']> {
  const { options, passphrase } = request;
  const model = modelNamed(request.model);
  report('Reading the pictures', null);
  const cover = await pictureOf(request.cover, 'picture');
  const secret = await pictureOf(request.secret, 'picture');
  const started = performance.now();
  report('Loading the model', null);
  const { scheme, network } = await openModel(model, 'hide');
  const progress = (share: number) => report('Hiding', share);
  if (passphrase) report('Deriving the key', null);
  else progress(0);
  const container = await scheme.hide(network, cover, secret, options, passphrase, progress);
  report('Writing the PNG file', null);
  const png = encodePng(container);
  const milliseconds = performance.now() - started;
  const { gain } = model.scheme;
  return {
    png,
    width: container.width,
    height: container.height,
    psnr: psnr(cover, container),
    milliseconds,
    backend: network.backend,
    preview: {
      cover: await preview(cover),
      container: await preview(container),
      difference: await preview(difference(cover, container, gain)),
      gain,
    },
  };
}

async function reveal(
  request: Extract<Request, { kind: 'reveal' }>,
  report: Report,
): Promise<Results['reveal']> {
  const { passphrase } = request;
  report('Reading the container', null);
  const container = await pictureOf(request.container, 'container');
  const started = performance.now();
  report('Loading the model', null);
  const { scheme, network } = await openModel(modelNamed(request.model), 'reveal');
  const progress = (share: number) => report('Revealing', share);
  if (passphrase) report('Deriving the key', null);
  else progress(0);
  const { picture, ...rest } = await scheme.reveal(network, container, passphrase, progress);
  report('Writing the PNG file', null);
  const png = encodePng(picture);
  const milliseconds = performance.now() - started;
  const { width, height } = picture;
  const { backend } = network;
  return { png, width, height, milliseconds, backend, ...rest, preview: await preview(picture) };
}

async function pictureOf({ number, file }: NumberedFile, role: Role): Promise<Picture> {
  const key = `${role} ${number}`;
  const known = decoded.get(key);
  if (known) {
    // Moves it to the end, so that the least recently used picture comes first.
    decoded.delete(key);
    decoded.set(key, known);
    return known;
  }
  const picture = await (role === 'container' ? readContainer(file) : readPicture(file));
  decoded.set(key, picture);
  for (const old of decoded.keys()) {
    if (decoded.size <= MAX_DECODED) break;
    decoded.delete(old);
  }
  return picture;
}

function bitmapsOf(result: Results[Kind]): ImageBitmap[] {
  if (!('preview' in result)) return [];
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
