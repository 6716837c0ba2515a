// `clear` as a scheme: the parts of this folder behind the interface that all schemes share.

import { type Bytes, equal, fromHex } from '../../bytes';
import { bitsPerPixel } from '../../carriers/density';
import { newKeys } from '../../crypto/keys';
import type { Networks } from '../../engine/network';
import { noise } from '../../engine/tensors';
import { AlteredError, ContainerError, NothingHiddenError, PictureError } from '../../errors';
import type { Image } from '../../images/image';
import type { Picture } from '../../images/picture';
import * as code from '../../payloads/code';
import { estimateRun } from '../../payloads/code-curve';
import { PRICE } from '../../payloads/code-plan';
import { reducedSize } from '../../payloads/payload';
import type { Manifest } from '../manifest';
import type { Options } from '../options';
import type { Forecast, Hidden, Progress, Revealed, Scheme } from '../scheme';
import { type Exact, exactPayload, room } from './choice';
import { notesOn } from './covers';
import { densityFor, embed } from './hiding';
import { type Content, damageOf, find, nothingLeft, read } from './revealing';
import { readWhole, type Whole } from './whole';

const TRIAL = { width: 96, height: 96 };
const TRIAL_QINDEX = 200;
/** Five bytes per macroblock, and the adaptive scales. */
const TRIAL_CHOICES = 5 * 6 * 6 + 192;

/** Share of the time that coding takes; the rest is for writing the code into the cover. */
const CODING = 0.9;

const NO_CODE = new Uint8Array(2);

/** The options, checked. */
interface Chosen {
  readonly bits: number;
  readonly exact: Exact;
}

export function makeScheme(manifest: Manifest): Scheme {
  const codeId = fromHex(manifest.weights_sha256.slice(0, 4));
  return {
    // The graphs are integers and loops rather than products, and have to be exact.
    triesGpu: false,

    trial: (graph) => {
      const tiles = [noise(TRIAL, 1)];
      if (graph === 'hide') {
        return code.hideRun(tiles, [new Uint8Array(TRIAL_CHOICES)], TRIAL_QINDEX, false, PRICE);
      }
      if (graph === 'estimate') return estimateRun(tiles, [[TRIAL_QINDEX]], false, true);
      return code.revealRun([new Int32Array(1000)], TRIAL, TRIAL_QINDEX, false);
    },

    hide: (networks, cover, secret, options, passphrase, progress) =>
      hide(networks, codeId, cover, secret, chosenIn(options), passphrase, progress),

    forecast: (networks, cover, secret, options) =>
      forecast(networks, cover, secret, chosenIn(options)),

    reveal: (networks, container, passphrase, progress) =>
      reveal(networks, codeId, container, passphrase, progress),
  };
}

/** Hides the best payload that fits. */
async function hide(
  networks: Networks,
  codeId: Bytes,
  cover: Picture,
  secret: Image,
  { bits, exact }: Chosen,
  passphrase: string,
  progress: Progress,
): Promise<Hidden> {
  const capacity = room(cover, bits);
  const notes = notesOn(cover);
  let start = 0;
  let payload = await exactPayload(secret, capacity, exact);
  if (!payload) {
    const { content, psnr, codedSize } = await code.encode(
      networks,
      secret.picture,
      capacity,
      (share) => progress(CODING * share),
    );
    payload = { kind: 'code', content, psnr, codedSize: reducedSize(codedSize, secret.picture) };
    start = CODING;
  }
  const { kind, content, codedSize, psnr } = payload;
  if (codedSize) {
    const size = `${codedSize.width} x ${codedSize.height}`;
    notes.push(`secret: reduced to ${size} pixels, as it is large for its cover`);
  }
  const density = densityFor(cover, content.length, bits);
  const keys = await newKeys(passphrase);
  const ownId = kind === 'code' ? codeId : NO_CODE;
  const picture = await embed(cover, payload, density, keys, ownId, (share) =>
    progress(start + (1 - start) * share),
  );
  const said = { size: content.length, capacity, bitsPerPixel: bitsPerPixel(density) };
  return { picture, payload: { kind, ...said, codedSize, psnr }, notes };
}

/** What `hide` would choose, without coding it. */
async function forecast(
  networks: Networks,
  cover: Picture,
  secret: Image,
  { bits, exact }: Chosen,
): Promise<Forecast> {
  let capacity = 0;
  try {
    capacity = room(cover, bits);
    const payload = await exactPayload(secret, capacity, exact);
    const expected = payload
      ? { ...payload, size: payload.content.length }
      : await code.forecast(await networks('estimate'), secret.picture, capacity);
    const { size, psnr, codedSize } = expected;
    const said = {
      kind: payload?.kind ?? 'code',
      size,
      capacity,
      bitsPerPixel: bitsPerPixel(densityFor(cover, size, bits)),
      codedSize: codedSize && reducedSize(codedSize, secret.picture),
      psnr,
    } as const;
    return { capacity, payload: said, problem: null };
  } catch (error) {
    if (!(error instanceof PictureError)) throw error;
    return { capacity, payload: null, problem: error.message };
  }
}

/** Reveals a secret: its file, or a picture at its own size. */
async function reveal(
  networks: Networks,
  codeId: Bytes,
  container: Picture,
  passphrase: string,
  progress: Progress,
): Promise<Revealed> {
  const match = await find(container, passphrase);
  if (!match) throw new NothingHiddenError(nothingFound(passphrase));
  const { kind, length, density, size, codeId: ownId } = match.description;
  const isCode = kind === 'code';
  const found = await read(match, (share) => progress(isCode ? (1 - CODING) * share : share));
  if (isCode && !equal(ownId, codeId)) {
    throw new ContainerError(
      'It was hidden with another version of the model, whose code this one cannot read.',
    );
  }
  const { codedSize, ...secret } = isCode
    ? await readCode(networks, found, (share) => progress(1 - CODING + CODING * share))
    : { ...(await readWhole(kind, found)), damage: damageOf(found) };
  const isLarger = container.width !== size.width || container.height !== size.height;
  const notes =
    isLarger && found.damaged === 0
      ? ['it was enlarged after a picture was hidden in it; the picture is intact']
      : [];
  if (!secret.picture) notes.push('this browser cannot show it');
  const { capacity } = found;
  const facts = { kind, size: length, capacity, bitsPerPixel: bitsPerPixel(density), psnr: null };
  return { ...secret, notes, payload: { ...facts, codedSize } };
}

/** Reads a code as far as it is there. */
async function readCode(
  networks: Networks,
  found: Content,
  progress: Progress,
): Promise<Whole & Pick<Revealed, 'damage'>> {
  const decoded = await code
    .decode(networks, found.content, found.lost, progress)
    .catch((error) => {
      throw error instanceof AlteredError ? nothingLeft(error) : error;
    });
  const { picture, damaged, tiles } = decoded;
  if (damaged === tiles) throw nothingLeft();
  const codedSize = reducedSize(decoded.codedSize, picture);
  return { picture, size: picture, file: null, codedSize, damage: damageOf(found, damaged, tiles) };
}

function chosenIn({ bits, exact }: Options): Chosen {
  if (bits !== 1 && bits !== 2 && bits !== 3) {
    throw new Error(`bits has to be 1, 2 or 3, not ${bits}`);
  }
  if (exact !== 'auto' && exact !== 'always' && exact !== 'never') {
    throw new Error(`exact has to be auto, always or never, not ${exact}`);
  }
  return { bits, exact };
}

function nothingFound(passphrase: string): string {
  const causes = passphrase
    ? 'No hidden picture found, or the passphrase is wrong'
    : 'No hidden picture found, or it needs a passphrase';
  return (
    `${causes}. A container that was resized, cropped at its left or top edge, or saved with loss ` +
    'no longer holds its picture.'
  );
}
