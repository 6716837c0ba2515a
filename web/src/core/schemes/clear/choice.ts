// Which payload: the best of those that fit.

import type { Bytes } from '../../bytes';
import { capacity, uniform } from '../../carriers/density';
import { PictureError } from '../../errors';
import { tilesOf } from '../../images/grid';
import type { Image } from '../../images/image';
import type { Size } from '../../images/picture';
import { pixelsFile, repackedFile } from '../../payloads/file';
import { type Kind, LARGEST } from '../../payloads/payload';
import { SQUARE } from './description';
import { freePixels } from './tile';

/** Samples per pixel. */
export const SAMPLES = 3;

export type Exact = 'auto' | 'always' | 'never';

/** A payload. */
export interface Chosen {
  readonly kind: Kind;
  readonly content: Bytes;
  /** The size of what is coded, where the secret had to be reduced. */
  readonly codedSize: Size | null;
  /** About what the revealed secret will have, in dB; null if it is exact. */
  readonly psnr: number | null;
}

/** Bytes that a cover holds at so many bits per sample. */
export function room(cover: Size, bits: number): number {
  if (Math.min(cover.width, cover.height) < SQUARE) {
    throw new PictureError(
      `The cover must be at least ${SQUARE} pixels per side, got ${cover.width} x ${cover.height}.`,
    );
  }
  const density = uniform(SAMPLES * bits);
  const total = tilesOf(cover).reduce((sum, tile) => sum + capacity(freePixels(tile), density), 0);
  return Math.min(total, LARGEST);
}

/**
 * The secret's own file, as it is or in fewer bytes, or a lossless file of its pixels, whichever fits
 * first; null if none fits, or is wanted.
 */
export async function exactPayload(
  secret: Image,
  budget: number,
  exact: Exact,
): Promise<Chosen | null> {
  if (exact === 'never') return null;
  const { content } = secret;
  if (content && content.length <= budget) return chosen('file', content);
  const packed = content && (await repackedFile(content, budget));
  if (packed) return chosen('repacked', packed);
  const pixels = await pixelsFile(secret, budget);
  if (pixels) return chosen('pixels', pixels);
  if (exact === 'always') throw new PictureError(await whatIsNeeded(secret, budget));
  return null;
}

function chosen(kind: Kind, content: Bytes): Chosen {
  return { kind, content, codedSize: null, psnr: null };
}

async function whatIsNeeded(secret: Image, budget: number): Promise<string> {
  const fewest = await fewestBytes(secret);
  const larger = Math.sqrt(fewest / budget).toFixed(2);
  const [takes, holds] = [fewest, budget].map((bytes) => bytes.toLocaleString('en'));
  return (
    `The secret does not fit exactly: it takes ${takes} bytes, and the cover holds ${holds} at ` +
    `these options; more bits per sample, or a cover with ${larger} times the pixels per side, ` +
    'would hold it.'
  );
}

/** Bytes of the smallest exact payload. */
async function fewestBytes(secret: Image): Promise<number> {
  const { content, picture } = secret;
  const packed = content && (await repackedFile(content, LARGEST));
  const exact = [packed ?? content, await pixelsFile(secret, LARGEST)];
  const sizes = exact.flatMap((each) => (each ? [each.length] : []));
  return sizes.length > 0 ? Math.min(...sizes) : 3 * picture.width * picture.height;
}
