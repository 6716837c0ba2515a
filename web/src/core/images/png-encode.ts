// Writes PNG files byte for byte as OpenCV does by default, and so as the Python package does: how a
// file is compressed does not tell that this page made it.

import { Deflate, Z_RLE } from 'pako';
import { type Bytes, bigEndian, concat, utf8 } from '../bytes';
import { crc32 } from './crc';
import { PNG, PNG_SIGNATURE } from './formats';
import type { Picture } from './picture';

const RGB = 2;
/** The filter of every row: each sample minus that of the pixel to its left, if there is one. */
const SUB = 1;
const NONE = 0;
/** Size of all IDAT chunks but the last. */
const IDAT_BYTES = 8192;
const ZLIB = { level: 1, strategy: Z_RLE, memLevel: 8, windowBits: 15 } as const;
/** Bytes that are filtered at a time, about. */
const STRIP = 1 << 20;

/** Encodes a picture as an 8-bit RGB PNG without colour profile, gamma or transparency. */
export function encodePng(picture: Picture): Blob {
  const { width, height } = picture;
  const header = concat(bigEndian(width, 4), bigEndian(height, 4), Uint8Array.of(8, RGB, 0, 0, 0));
  const signature = Uint8Array.from(PNG_SIGNATURE, (character) => character.charCodeAt(0));
  const chunks = [
    chunk('IHDR', header),
    ...compressed(picture).map((content) => chunk('IDAT', content)),
    chunk('IEND', new Uint8Array()),
  ];
  return new Blob([signature, ...chunks], { type: PNG.mediaType });
}

/** The zlib stream of the filtered rows, in pieces of `IDAT_BYTES`. */
function compressed(picture: Picture): Bytes[] {
  const { width, height } = picture;
  const rowBytes = 3 * width + 1;
  const rows = Math.max(1, Math.floor(STRIP / rowBytes));
  const pieces: Bytes[] = [];
  const compressor = new Deflate({ ...ZLIB, chunkSize: IDAT_BYTES });
  compressor.onData = (piece) => pieces.push(piece);
  compressor.onEnd = () => undefined;
  for (let top = 0; top < height; top += rows) {
    const bottom = Math.min(top + rows, height);
    compressor.push(filtered(picture, top, bottom), bottom === height);
  }
  shrinkWindow(pieces[0], rowBytes * height);
  return pieces;
}

/** Rows from `top` to before `bottom`, each with its filter in front. */
function filtered({ width, data }: Picture, top: number, bottom: number): Uint8Array {
  const rows = new Uint8Array((3 * width + 1) * (bottom - top));
  let from = top * width * 3;
  for (let to = 0; to < rows.length; ) {
    rows[to++] = width > 1 ? SUB : NONE;
    for (const end = from + 3 * width, first = from + 3; from < end; from++) {
      rows[to++] = from < first ? data[from] : data[from] - data[from - 3];
    }
  }
  return rows;
}

/**
 * Declares the smallest window that holds all `size` bytes in a zlib stream's header, as libpng does.
 *
 * The first byte is the window's size and the method, the second makes both a multiple of 31.
 */
function shrinkWindow(stream: Uint8Array, size: number): void {
  if (size > 1 << 14) return;
  const bits = Math.max(8, Math.ceil(Math.log2(size)));
  stream[0] = ((bits - 8) << 4) | 8;
  stream[1] = 31 - ((stream[0] << 8) % 31);
}

function chunk(type: string, content: Uint8Array): Bytes {
  const named = concat(utf8(type), content);
  return concat(bigEndian(content.length, 4), named, bigEndian(crc32(named), 4));
}
