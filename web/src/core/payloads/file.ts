// A secret's own file in fewer bytes, or a lossless file of its pixels.

import { type Bytes, equal } from '../bytes';
import { damagedFile } from '../images/decode';
import { JPEG } from '../images/formats';
import type { Image } from '../images/image';
import { crop, MAX_PIXELS, type Picture, type Rectangle } from '../images/picture';
import { encodePng } from '../images/png-encode';
import { encodeWebp } from '../images/webp-encode';
import { Damaged } from './jpeg/rans';
import { pack, unpack } from './jpeg/repacking';

const SAMPLE = 128;
const SAMPLES = 3;
const PROMISING = 1.15;

/** Files that were made: hiding usually follows a forecast of the same. */
const made = new WeakMap<Picture, Bytes>();

/**
 * A lossless file of a secret's pixels, if it has at most `budget` bytes.
 *
 * Coding takes long, so a few parts of the picture are coded first: if those are too large for the
 * budget, the answer is null without trying more.
 */
export async function pixelsFile(secret: Image, budget: number): Promise<Bytes | null> {
  const { picture, plain } = secret;
  let content = made.get(picture);
  if (!content) {
    if (!plain || !(await isPromising(picture, budget))) return null;
    content = await encoded(picture);
    made.set(picture, content);
  }
  return content.length <= budget ? content : null;
}

/** What was packed last: hiding usually follows a forecast of the same. */
let last: { readonly content: Bytes; readonly packed: Bytes | null } | null = null;

/** A file in fewer bytes than it has, if it is a JPEG file that then has at most `budget`. */
export async function repackedFile(content: Bytes, budget: number): Promise<Bytes | null> {
  // It takes at least so many.
  if (3 * content.length > 4 * budget) return null;
  if (!last || !equal(last.content, content)) last = { content, packed: await pack(content) };
  const { packed } = last;
  return packed && packed.length <= budget ? packed : null;
}

/** The inverse of `repackedFile`. */
export async function unpackedFile(packed: Bytes): Promise<Bytes> {
  try {
    return await unpack(packed, MAX_PIXELS);
  } catch (error) {
    throw error instanceof Damaged ? damagedFile(JPEG, error) : error;
  }
}

async function isPromising(picture: Picture, budget: number): Promise<boolean> {
  const { width, height } = picture;
  if (width * height <= (SAMPLES * SAMPLE) ** 2) return true;
  const places = Array.from({ length: SAMPLES ** 2 }, (_, index): Rectangle => {
    const side = { width: Math.min(SAMPLE, width), height: Math.min(SAMPLE, height) };
    const share = (number: number) => number / (SAMPLES - 1);
    const top = Math.floor((height - side.height) * share(Math.floor(index / SAMPLES)));
    const left = Math.floor((width - side.width) * share(index % SAMPLES));
    return { top, left, ...side };
  });
  let size = 0;
  let area = 0;
  for (const place of places) {
    size += (await encoded(crop(picture, place))).length;
    area += place.width * place.height;
  }
  return size * width * height <= PROMISING * budget * area;
}

async function encoded(picture: Picture): Promise<Bytes> {
  const webp = await encodeWebp(picture);
  return webp ?? new Uint8Array(await encodePng(picture).arrayBuffer());
}
