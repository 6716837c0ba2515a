// A JPEG file as fewer bytes, and back, byte for byte; part of the format.
// runtime/payloads/jpeg/repacking.py is the reference.

import { type Bytes, concat, equal } from '../../bytes';
import { refuseLarge } from '../../images/limit';
import { codeAll } from './contexts';
import { type Headers, readHeaders, UnsupportedJpeg } from './headers';
import { decodeScan, encodeScan } from './huffman';
import { Damaged, littleEndian, Reader, STATE, WORD, Writer, type Written } from './rans';
import { loadTables } from './tables';

/** Bytes of the sizes: of the headers, of what comes after the codes, of words and of bits. */
const [SIZES, SIZE] = [16, 4];
const [BLOCKS_PER_LANE, LEAST_LANES, MOST_LANES] = [1 << 7, 1 << 4, 1 << 12];

/**
 * Codes a JPEG file anew.
 *
 * @returns About five sixths of the bytes, from which `unpack` makes the same file again; null if the
 *     file is not a baseline JPEG file of the usual kind, or would not become smaller.
 */
export async function pack(content: Uint8Array): Promise<Bytes | null> {
  try {
    const headers = readHeaders(content);
    const { components, size } = decodeScan(content, headers);
    const end = headers.size + size;
    if (!equal(encodeScan(components, headers), content.subarray(headers.size, end))) return null;
    const tables = await loadTables();
    const writer = new Writer(tables, lanesOf(headers));
    codeAll(headers, writer, tables.weights, components);
    const { states, words, bits } = writer.finish();
    const [start, tail] = [content.subarray(0, headers.size), content.subarray(end)];
    const sizes = littleEndian(
      [start, tail, words, bits].map(({ length }) => length),
      SIZE,
    );
    const packed = concat(sizes, start, tail, states, words, bits);
    return packed.length < content.length ? packed : null;
  } catch (error) {
    if (error instanceof UnsupportedJpeg) return null;
    throw error;
  }
}

/**
 * The inverse of `pack`. Whatever `pack` cannot have returned raises `Damaged`.
 *
 * @param maxPixels Most pixels of the picture.
 */
export async function unpack(packed: Uint8Array, maxPixels: number): Promise<Bytes> {
  try {
    const { headers, start, tail, written } = parse(packed, maxPixels);
    const tables = await loadTables();
    const reader = new Reader(tables, written);
    const planes = codeAll(headers, reader, tables.weights, null);
    reader.finish();
    return concat(start, encodeScan(planes, headers), tail);
  } catch (error) {
    if (error instanceof UnsupportedJpeg) throw new Damaged(error.message, { cause: error });
    throw error;
  }
}

/** The parts of what was packed. */
interface Packed {
  readonly headers: Headers;
  /** The bytes of the headers. */
  readonly start: Uint8Array;
  /** What comes after the codes. */
  readonly tail: Uint8Array;
  readonly written: Written;
}

/** Takes the parts apart, and checks all sizes before memory is taken. */
function parse(packed: Uint8Array, maxPixels: number): Packed {
  if (packed.length < SIZES) throw new Damaged('the sizes are cut off');
  const view = new DataView(packed.buffer, packed.byteOffset, SIZES);
  const [ofStart, ofTail, ofWords, ofBits] = [0, 1, 2, 3].map((index) =>
    view.getUint32(SIZE * index, true),
  );
  let end = SIZES;
  const next = (size: number) => {
    end += size;
    return packed.subarray(end - size, end);
  };
  const start = next(ofStart);
  const headers = readHeaders(start);
  refuseLarge(headers.shape, maxPixels);
  const tail = next(ofTail);
  const states = next(STATE * lanesOf(headers));
  const written = { states, words: next(ofWords), bits: next(ofBits) };
  if (headers.size !== ofStart || ofWords % WORD !== 0 || end !== packed.length) {
    throw new Damaged('the sizes do not fit');
  }
  return { headers, start, tail, written };
}

function lanesOf({ components }: Headers): number {
  const blocks = components.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  return Math.min(Math.max(Math.floor(blocks / BLOCKS_PER_LANE), LEAST_LANES), MOST_LANES);
}
