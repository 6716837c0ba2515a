// A lossless file of a secret's pixels.

import type { Bytes } from '../bytes';
import type { Image } from '../images/image';
import { crop, type Picture, type Rectangle } from '../images/picture';
import { encodePng } from '../images/png-encode';
import { encodeWebp } from '../images/webp-encode';

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
