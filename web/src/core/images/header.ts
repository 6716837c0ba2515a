// The size of a picture, read from its file's header. A file of a few kilobytes can ask for gigabytes
// when it is decoded; the size says so first.

import { AVIF, BMP, type Format, has, JPEG, LOSSLESS_WEBP, PNG, TIFF, WEBP } from './formats';
import type { Size } from './picture';
import { jpegSegments, webpChunks } from './segments';

const READERS: ReadonlyMap<Format, (view: DataView, content: Uint8Array) => Size | null> = new Map([
  [PNG, (view: DataView) => ({ width: view.getUint32(16), height: view.getUint32(20) })],
  [JPEG, jpegSize],
  [WEBP, webpSize],
  [LOSSLESS_WEBP, webpSize],
  [AVIF, avifSize],
  [BMP, bmpSize],
  [TIFF, tiffSize],
]);

/**
 * Width and height in pixels, before any rotation; null if they cannot be told.
 *
 * Where a file names several sizes, the limit on pixels has to hold for the largest.
 */
export function sizeOf(content: Uint8Array, format: Format): Size | null {
  const reader = READERS.get(format);
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  try {
    const size = reader?.(view, content) ?? null;
    return size && size.width > 0 && size.height > 0 ? size : null;
  } catch (error) {
    // It ends within its header.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function jpegSize(view: DataView, content: Uint8Array): Size | null {
  for (const { marker, start } of jpegSegments(content)) {
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { width: view.getUint16(start + 7), height: view.getUint16(start + 5) };
    }
  }
  return null;
}

function webpSize(_: DataView, content: Uint8Array): Size | null {
  const sizes: Size[] = [];
  for (const { name, data } of webpChunks(content)) {
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    if (name === 'VP8X') {
      const sides = [4, 7].map((at) => 1 + view.getUint16(at, true) + (data[at + 2] << 16));
      sizes.push({ width: sides[0], height: sides[1] });
    } else if (name === 'VP8L') {
      const packed = view.getUint32(1, true);
      sizes.push({ width: (packed & 0x3fff) + 1, height: ((packed >> 14) & 0x3fff) + 1 });
    } else if (name === 'VP8 ') {
      const sides = [6, 8].map((at) => view.getUint16(at, true) & 0x3fff);
      sizes.push({ width: sides[0], height: sides[1] });
    }
  }
  return largest(sizes);
}

/** From all boxes named `ispe`, which have the sizes of the pictures in the file. */
function avifSize(view: DataView, content: Uint8Array): Size | null {
  const sizes: Size[] = [];
  for (let at = content.indexOf(0x69); at >= 0; at = content.indexOf(0x69, at + 1)) {
    if (!has(content, at, 'ispe')) continue;
    sizes.push({ width: view.getUint32(at + 8), height: view.getUint32(at + 12) });
  }
  return largest(sizes);
}

function bmpSize(view: DataView): Size | null {
  if (view.getUint32(14, true) === 12) {
    return { width: view.getUint16(18, true), height: view.getUint16(20, true) };
  }
  // A negative height stands for rows from the top.
  return { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) };
}

/** From the tags ImageWidth and ImageLength of the first picture. */
function tiffSize(view: DataView): Size | null {
  const little = view.getUint8(0) === 0x49;
  const directory = view.getUint32(4, little);
  const size = { width: 0, height: 0 };
  for (let index = 0; index < view.getUint16(directory, little); index++) {
    const entry = directory + 2 + 12 * index;
    const tag = view.getUint16(entry, little);
    if (tag !== 256 && tag !== 257) continue;
    const isShort = view.getUint16(entry + 2, little) === 3;
    const value = isShort ? view.getUint16(entry + 8, little) : view.getUint32(entry + 8, little);
    size[tag === 256 ? 'width' : 'height'] = value;
  }
  return size;
}

function largest(sizes: readonly Size[]): Size | null {
  const byArea = [...sizes].sort((a, b) => b.width * b.height - a.width * a.height);
  return byArea[0] ?? null;
}
