// The worker: decodes, hides, reveals and encodes, so that the page never freezes.

import {
  hide as hideCoded,
  type Progress,
  type Revealed,
  reveal as revealCoded,
} from '../core/coded';
import { readContainer, readPicture } from '../core/decode';
import { hide as hideDirect, reveal as revealDirect } from '../core/direct';
import { PlainsightError } from '../core/errors';
import { type Picture, psnr } from '../core/picture';
import { encodePng } from '../core/png';
import { CLASSIC_HALO } from './models';
import { difference, preview } from './preview';
import type { Answers, Kind, NumberedFile, Reply, Request } from './protocol';
import { classicNetwork, clearGraphs, prepare, rehearse, threads } from './sessions';

/** How much the difference is amplified, so that each model's change can be seen. */
const GAIN = { clear: 20, classic: 4 };

/** Decoded pictures that are kept: a cover, a secret, a container. */
const KEPT = 3;
const decoded = new Map<string, Picture>();

type Tell = (what: string, share: number | null) => void;

self.addEventListener('message', async (event: MessageEvent<{ id: number; request: Request }>) => {
  const { id, request } = event.data;
  const reply = (message: Reply, transfer: Transferable[] = []) =>
    self.postMessage(message, { transfer });
  try {
    const answer = await answerTo(request, (what, share) =>
      reply({ id, kind: 'progress', what, share }),
    );
    reply({ id, kind: 'done', answer }, bitmapsOf(answer));
  } catch (error) {
    reply({ id, kind: 'failed', ...explained(error) });
  }
});

function answerTo(request: Request, tell: Tell): Promise<Answers[Kind]> {
  switch (request.kind) {
    case 'prepare':
      return warmUp();
    case 'check':
      return check(request.picture, request.as);
    case 'hide':
      return hide(request, tell);
    case 'reveal':
      return reveal(request, tell);
  }
}

async function warmUp(): Promise<Answers['prepare']> {
  const started = performance.now();
  await prepare('hide');
  const milliseconds = performance.now() - started;
  // Not waited for: it is needed later, and says itself if it fails then.
  prepare('reveal')
    .then(rehearse)
    .catch(() => undefined);
  return { threads, milliseconds };
}

async function check(
  picture: NumberedFile,
  as: 'picture' | 'container',
): Promise<Answers['check']> {
  const { width, height } = await pictureOf(picture, as);
  return { width, height };
}

async function hide(
  request: Extract<Request, { kind: 'hide' }>,
  tell: Tell,
): Promise<Answers['hide']> {
  const { model, bits, passphrase } = request;
  tell('Reading the pictures', null);
  const cover = await pictureOf(request.cover, 'picture');
  const secret = await pictureOf(request.secret, 'picture');
  const started = performance.now();
  const progress: Progress = (share) => tell('Hiding', share);
  let container: Picture;
  let backend = 'WebAssembly';
  if (model === 'clear') {
    tell(passphrase ? 'Deriving the key' : 'Hiding', passphrase ? null : 0);
    container = await hideCoded(clearGraphs, cover, secret, bits, passphrase, progress);
  } else {
    tell('Loading classic', null);
    const network = await classicNetwork('hide');
    backend = network.backend;
    progress(0);
    container = await hideDirect(network.run, cover, secret, CLASSIC_HALO.hide, progress);
  }
  tell('Writing the PNG file', null);
  const png = await encodePng(container);
  const milliseconds = performance.now() - started;
  const gain = GAIN[model];
  return {
    png,
    width: container.width,
    height: container.height,
    psnr: psnr(cover, container),
    milliseconds,
    backend,
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
  tell: Tell,
): Promise<Answers['reveal']> {
  const { model, passphrase } = request;
  tell('Reading the container', null);
  const container = await pictureOf(request.container, 'container');
  const started = performance.now();
  const progress: Progress = (share) => tell('Revealing', share);
  let made: Revealed;
  let backend = 'WebAssembly';
  if (model === 'clear') {
    tell(passphrase ? 'Deriving the key' : 'Revealing', passphrase ? null : 0);
    made = await revealCoded(clearGraphs, container, passphrase, progress);
  } else {
    tell('Loading classic', null);
    const network = await classicNetwork('reveal');
    backend = network.backend;
    progress(0);
    const picture = await revealDirect(network.run, container, CLASSIC_HALO.reveal, progress);
    made = { picture, sized: true, tiles: 1, damaged: 0, enlarged: false };
  }
  tell('Writing the PNG file', null);
  const { picture, ...condition } = made;
  const png = await encodePng(picture);
  const milliseconds = performance.now() - started;
  const { width, height } = picture;
  const bitmap = await preview(picture);
  return { png, width, height, milliseconds, backend, ...condition, preview: bitmap };
}

async function pictureOf(
  { number, file }: NumberedFile,
  as: 'picture' | 'container',
): Promise<Picture> {
  const key = `${as} ${number}`;
  const known = decoded.get(key);
  if (known) {
    // The latest used is last in the map, so the first is the one to let go.
    decoded.delete(key);
    decoded.set(key, known);
    return known;
  }
  const picture = await (as === 'container' ? readContainer(file) : readPicture(file));
  decoded.set(key, picture);
  for (const old of decoded.keys()) {
    if (decoded.size <= KEPT) break;
    decoded.delete(old);
  }
  return picture;
}

function bitmapsOf(answer: Answers[Kind]): ImageBitmap[] {
  if (!('preview' in answer)) return [];
  const { preview } = answer;
  return preview instanceof ImageBitmap
    ? [preview]
    : [preview.cover, preview.container, preview.difference];
}

function explained(error: unknown): { name: string; message: string } {
  if (error instanceof PlainsightError) return { name: error.name, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof RangeError || /memory|allocat|bad_alloc/i.test(message)) {
    return {
      name: 'MemoryError',
      message: 'This browser ran out of memory. Close other tabs, or take a smaller picture.',
    };
  }
  return { name: 'Error', message: `Something unforeseen went wrong: ${message}` };
}
