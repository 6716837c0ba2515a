// Lossless WebP by the browser: files of photographs are a third smaller than PNG.

import type { Bytes } from '../bytes';
import { LOSSLESS_WEBP } from './formats';
import type { Picture } from './picture';
import { webpChunks, webpOf } from './segments';

/** Longest side that the format has. */
const MAX_SIDE = 16383;

/**
 * Encodes a picture as lossless WebP; null if the browser cannot.
 *
 * Some browsers have no such encoder, and some change what is read from a canvas, so the file is
 * decoded again and compared.
 */
export async function encodeWebp(picture: Picture): Promise<Bytes | null> {
  const { width, height } = picture;
  if (typeof OffscreenCanvas === 'undefined' || Math.max(width, height) > MAX_SIDE) return null;
  const samples = rgba(picture);
  try {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context) return null;
    context.putImageData(new ImageData(samples, width, height), 0, 0);
    const blob = await canvas.convertToBlob({ type: LOSSLESS_WEBP.mediaType, quality: 1 });
    if (blob.type !== LOSSLESS_WEBP.mediaType) return null;
    const content = bare(new Uint8Array(await blob.arrayBuffer()));
    if (!LOSSLESS_WEBP.matches(content)) return null;
    const bitmap = await createImageBitmap(new Blob([content]), { colorSpaceConversion: 'none' });
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
    const written = context.getImageData(0, 0, width, height).data;
    return isSame(samples, written) ? content : null;
  } catch {
    // A canvas of this size may not be possible.
    return null;
  }
}

/** The file without a colour profile, which says sRGB, and is in the files of few programs. */
function bare(content: Bytes): Bytes {
  return webpOf([...webpChunks(content)].filter(({ name }) => name === 'VP8L'));
}

function rgba({ data }: Picture): Uint8ClampedArray<ArrayBuffer> {
  const samples = new Uint8ClampedArray((data.length / 3) * 4);
  for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
    samples[to] = data[from];
    samples[to + 1] = data[from + 1];
    samples[to + 2] = data[from + 2];
    samples[to + 3] = 255;
  }
  return samples;
}

function isSame(one: Uint8ClampedArray, other: Uint8ClampedArray): boolean {
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
  return true;
}
