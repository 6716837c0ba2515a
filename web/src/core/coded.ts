// `clear`: an exact code of the secret in the cover's residues, tile by tile, tagged.

import type { Bytes } from './bytes';
import { AlteredError, NothingHiddenError, PictureError } from './errors';
import { batches, type Cell, cells, firstCell, SMALLEST } from './grid';
import {
  HEADER_SAMPLES,
  HEADER_SIZE,
  pack,
  parse,
  readBytes,
  type Size,
  TAG_START,
} from './header';
import {
  type FileKeys,
  fileKeys,
  maskSalt,
  masterKey,
  NONCE_SIZE,
  padOf,
  randomBytes,
  SALT_SIZE,
} from './keys';
import type { Bits } from './lattice';
import { blank, copyRectangle, crop, MOST_PIXELS, type Picture } from './picture';
import { resize } from './resize';
import { isWhole, writeTag } from './tag';

const GREY = 128;

/** The graphs of `clear`, on a batch of tiles of one shape; all samples are uint8 RGB. */
export interface ClearGraphs {
  hide(batch: {
    height: number;
    width: number;
    covers: Uint8Array[];
    secrets: Uint8Array[];
    pads: Uint8Array[];
    headers: Uint8Array[];
    bits: Bits;
  }): Promise<Uint8Array[]>;
  reveal(batch: {
    height: number;
    width: number;
    containers: Uint8Array[];
    pads: Uint8Array[];
    bits: Bits;
  }): Promise<Uint8Array[]>;
  /** Tiles that are best worked on together. */
  readonly batch: number;
  /** First bytes of the SHA-256 of the tables of the code: another code reads nothing. */
  readonly code: Bytes;
}

/** Told how much is done, from 0 to 1. */
export type Progress = (share: number) => void;

/** Hides a secret, stretched to the cover's size; an empty passphrase is none. */
export async function hide(
  graphs: ClearGraphs,
  cover: Picture,
  secret: Picture,
  bits: Bits,
  passphrase: string,
  progress: Progress,
): Promise<Picture> {
  const { height, width } = cover;
  if (Math.min(height, width) < SMALLEST) {
    throw new PictureError(
      `The cover is ${width} × ${height} pixels. It must be at least ${SMALLEST} pixels a side.`,
    );
  }
  const nonce = randomBytes(NONCE_SIZE);
  const salt = randomBytes(SALT_SIZE);
  const keys = await fileKeys(await masterKey(passphrase, salt), nonce, salt);
  const header = pack({
    nonce,
    maskedSalt: await maskSalt(salt, nonce),
    bits,
    secret: { width: secret.width, height: secret.height },
    container: { width, height },
    code: graphs.code,
  });
  const fitted = resize(secret, width, height);
  const container = blank(width, height);
  const tiles = cells(height, width);
  let done = 0;
  for (const batch of batches(tiles, graphs.batch)) {
    const covers = batch.map((tile) => crop(cover, tile).data);
    const pads = await padsOf(keys, batch);
    const made = await graphs.hide({
      height: batch[0].height,
      width: batch[0].width,
      covers,
      secrets: batch.map((tile) => crop(fitted, tile).data),
      pads,
      headers: batch.map((tile) => (tile.number === 0 ? header : new Uint8Array(HEADER_SIZE))),
      bits,
    });
    for (const [index, tile] of batch.entries()) {
      await writeTag(keys, tile, made[index], covers[index], pads[index], bits);
      place(made[index], tile, container);
    }
    done += batch.length;
    progress(done / tiles.length);
  }
  return container;
}

export interface Revealed {
  /** The secret at its own size, if that is known, else at the container's. */
  readonly picture: Picture;
  readonly sized: boolean;
  readonly tiles: number;
  /** Tiles that were altered or cut off, and are grey. */
  readonly damaged: number;
  /** Whether something was added to the container. */
  readonly enlarged: boolean;
}

/** Reveals a secret, with grey for tiles that are not whole; if none is, that is an error. */
export async function reveal(
  graphs: ClearGraphs,
  container: Picture,
  passphrase: string,
  progress: Progress,
): Promise<Revealed> {
  const found = await find(graphs.code, container, passphrase);
  if (!found) throw new NothingHiddenError(nothingFound(passphrase));
  const { keys, bits } = found;
  const trusted = await isTrusted(found, container);
  const { width, height } = found.container;
  if (!trusted && (width !== container.width || height !== container.height)) {
    throw new AlteredError(
      'This container was altered, cropped or resized after a picture was hidden in it, and ' +
        'nothing of that can be revealed.',
    );
  }
  refuseLarger(found.container);
  const tiles = cells(height, width);
  // What is left of a cropped container stands where it stood.
  const left = tiles.filter((tile) => within(tile, container));
  const fitted = blank(width, height);
  fitted.data.fill(GREY);
  let done = 0;
  let whole = 0;
  for (const batch of batches(left, graphs.batch)) {
    const containers = batch.map((tile) => crop(container, tile).data);
    const pads = await padsOf(keys, batch);
    const { height, width } = batch[0];
    const secrets = await graphs.reveal({ height, width, containers, pads, bits });
    for (const [index, tile] of batch.entries()) {
      // Of a damaged code the decoder makes noise.
      if (await isWhole(keys, tile, containers[index], pads[index], bits)) {
        place(secrets[index], tile, fitted);
        whole++;
      }
    }
    done += batch.length;
    progress(done / left.length);
  }
  if (whole === 0) {
    throw new AlteredError(
      'This container was altered after a picture was hidden in it, and nothing of that can be ' +
        'revealed.',
    );
  }
  // Of a first tile that is not whole, the secret's own size may be anything.
  const secret = trusted ? found.secret : found.container;
  refuseLarger(secret);
  const picture = resize(fitted, secret.width, secret.height);
  const enlarged = container.width > width || container.height > height;
  return { picture, sized: trusted, tiles: tiles.length, damaged: tiles.length - whole, enlarged };
}

interface Found {
  readonly keys: FileKeys;
  readonly bits: Bits;
  readonly secret: Size;
  readonly container: Size;
}

/** What a container says of itself with the key at hand, or null if it says nothing. */
async function find(code: Bytes, container: Picture, passphrase: string): Promise<Found | null> {
  if (Math.min(container.width, container.height) < SMALLEST) return null;
  const { data } = crop(container, firstCell(container.height, container.width));
  for (const bits of [2, 1, 3] as const) {
    const nonce = readBytes(data, bits, null, 0, NONCE_SIZE);
    const masked = readBytes(data, bits, null, NONCE_SIZE, SALT_SIZE);
    const salt = await maskSalt(masked, nonce);
    const keys = await fileKeys(await masterKey(passphrase, salt), nonce, salt);
    const pad = await padOf(keys, 0, HEADER_SAMPLES);
    const start = NONCE_SIZE + SALT_SIZE;
    const said = parse(readBytes(data, bits, pad, start, TAG_START - start), bits, code);
    if (said) return { keys, bits, ...said };
  }
  return null;
}

/** Whether what a container says of itself is under a tag that is right. */
async function isTrusted(found: Found, container: Picture): Promise<boolean> {
  const { width, height } = found.container;
  if (Math.min(width, height) < SMALLEST) return false;
  const first = firstCell(height, width);
  if (!within(first, container)) return false;
  const { data } = crop(container, first);
  const pad = await padOf(found.keys, 0, data.length);
  return isWhole(found.keys, first, data, pad, found.bits);
}

function within(tile: Cell, picture: Picture): boolean {
  return tile.top + tile.height <= picture.height && tile.left + tile.width <= picture.width;
}

function refuseLarger({ width, height }: Size): void {
  if (width * height > MOST_PIXELS) {
    throw new PictureError(
      `What is hidden has ${width} × ${height} pixels, more than this page takes. Reveal it with ` +
        'the command line program.',
    );
  }
}

function nothingFound(passphrase: string): string {
  const causes = passphrase
    ? 'Either the passphrase is wrong, or nothing is hidden in this picture'
    : 'Either nothing is hidden in this picture, or it takes a passphrase';
  return (
    `${causes}, or the picture was changed since: resized, cropped, or saved by a program that ` +
    'loses samples.'
  );
}

function padsOf(keys: FileKeys, batch: readonly Cell[]): Promise<Uint8Array[]> {
  return Promise.all(batch.map((tile) => padOf(keys, tile.number, tile.height * tile.width * 3)));
}

function place(samples: Uint8Array, tile: Cell, picture: Picture): void {
  const { width, height, top, left } = tile;
  copyRectangle(
    { width, height, data: samples },
    { top: 0, left: 0, width, height },
    picture,
    top,
    left,
  );
}
