// The parts of a JPEG file (ITU-T T.81, annex B) that its coefficients depend on.
// runtime/payloads/jpeg/headers.py is the reference.

import type { Size } from '../../images/picture';

const [SOI, SOF0, SOF1, DHT, SOS, DQT, DRI] = [0xd8, 0xc0, 0xc1, 0xc4, 0xda, 0xdb, 0xdd];
const [FIRST_SOF, LAST_SOF, NO_SOF] = [0xc0, 0xcf, [0xc4, 0xc8, 0xcc]];
const LARGEST_FACTOR = 4;
const LONGEST_CODE = 16;
/** Samples per side of a block. */
const SIDE = 8;
/** What ends the header of a scan that has all of each coefficient. */
const WHOLE = [0, 63, 0];

/** A file that is not coded anew, because it is no JPEG file, or not one of the usual kind. */
export class UnsupportedJpeg extends Error {}

/** Codes by symbol. */
export interface HuffmanTable {
  readonly codes: Uint16Array;
  /** In bits; 0 where a symbol has no code. */
  readonly lengths: Uint8Array;
}

/** A component of a picture. */
export interface Component {
  /** Its blocks of 8x8 samples from left to right in a unit (MCU). */
  readonly across: number;
  /** Its blocks from top to bottom in a unit. */
  readonly down: number;
  /** Rows of blocks, with those that fill the last units. */
  readonly rows: number;
  /** Columns of blocks, with those that fill the last units. */
  readonly columns: number;
  /** Steps by zigzag position, 1 to 255. */
  readonly quantization: Uint8Array;
  /** Codes of the first coefficient of each block. */
  readonly dc: HuffmanTable;
  /** Codes of the others. */
  readonly ac: HuffmanTable;
}

/** What comes before the coefficients. */
export interface Headers {
  /** One or three. */
  readonly components: readonly Component[];
  /** Of the picture. */
  readonly shape: Size;
  readonly units: { readonly rows: number; readonly columns: number };
  /** Units after which the codes start anew; 0 if they never do. */
  readonly interval: number;
  /** Bytes of the headers; the coded coefficients begin there. */
  readonly size: number;
}

/** What was read before the header of the scan. */
interface Parts {
  frame: Uint8Array;
  interval: number;
  readonly quantization: Map<number, Uint8Array>;
  readonly tables: Map<number, HuffmanTable>;
}

/** Reads the headers of a baseline file with all its components in one scan. */
export function readHeaders(content: Uint8Array): Headers {
  if (content[0] !== 0xff || content[1] !== SOI) throw new UnsupportedJpeg('not a JPEG file');
  const parts: Parts = {
    frame: new Uint8Array(),
    interval: 0,
    quantization: new Map(),
    tables: new Map(),
  };
  for (let start = 2; ; ) {
    if (byteAt(content, start) !== 0xff) {
      throw new UnsupportedJpeg('no marker where one should be');
    }
    const marker = byteAt(content, start + 1);
    const size = numberAt(content, start + 2);
    const end = start + 2 + size;
    if (size < 2 || end > content.length) throw new UnsupportedJpeg('a segment is cut off');
    const segment = content.subarray(start + 4, end);
    if (marker === SOS) return headersOf(parts, segment, end);
    readSegment(marker, segment, parts);
    start = end;
  }
}

function readSegment(marker: number, segment: Uint8Array, parts: Parts): void {
  if (marker === DQT) {
    readQuantization(segment, parts.quantization);
  } else if (marker === DHT) {
    readTables(segment, parts.tables);
  } else if (marker === SOF0 || marker === SOF1) {
    parts.frame = segment;
  } else if (marker >= FIRST_SOF && marker <= LAST_SOF && !NO_SOF.includes(marker)) {
    throw new UnsupportedJpeg('not a baseline file');
  } else if (marker === DRI) {
    parts.interval = segment.subarray(0, 2).reduce((number, byte) => 256 * number + byte, 0);
  }
}

function readQuantization(segment: Uint8Array, found: Map<number, Uint8Array>): void {
  for (let at = 0; at < segment.length; at += 65) {
    const [precision, number] = halves(segment[at]);
    const steps = part(segment, at + 1, 64);
    if (precision !== 0 || steps.includes(0)) {
      throw new UnsupportedJpeg('quantization is not of 8 bits');
    }
    found.set(number, steps);
  }
}

function readTables(segment: Uint8Array, found: Map<number, HuffmanTable>): void {
  for (let at = 0; at < segment.length; ) {
    const counts = part(segment, at + 1, LONGEST_CODE);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const symbols = part(segment, at + 1 + LONGEST_CODE, total);
    found.set(segment[at], tableOf(counts, symbols));
    at += 1 + LONGEST_CODE + total;
  }
}

/** The codes of a table (T.81, annex C), of which there are so many of each length. */
function tableOf(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const codes = new Uint16Array(256);
  const lengths = new Uint8Array(256);
  let code = 0;
  let number = 0;
  for (let length = 1; length <= LONGEST_CODE; length++) {
    for (let count = counts[length - 1]; count > 0; count--) {
      const symbol = symbols[number++];
      if (lengths[symbol] > 0) throw new UnsupportedJpeg('a table of codes is damaged');
      if (code >= 1 << length) throw new UnsupportedJpeg('a table has too many codes');
      codes[symbol] = code++;
      lengths[symbol] = length;
    }
    code *= 2;
  }
  return { codes, lengths };
}

function headersOf(
  { frame, interval, quantization, tables }: Parts,
  scan: Uint8Array,
  size: number,
): Headers {
  const [height, width] = [numberAt(frame, 1), numberAt(frame, 3)];
  const count = byteAt(frame, 5);
  if (frame[0] !== 8 || (count !== 1 && count !== 3) || height * width === 0) {
    throw new UnsupportedJpeg('not of 1 or 3 components of 8 bits');
  }
  const end = scan.subarray(1 + 2 * count);
  const isWhole = end.length === WHOLE.length && WHOLE.every((byte, index) => byte === end[index]);
  if (scan[0] !== count || !isWhole) {
    throw new UnsupportedJpeg('not all components are in one scan');
  }
  const factors = Array.from({ length: count }, (_, number) =>
    count === 1 ? [1, 1] : halves(byteAt(frame, 7 + 3 * number)),
  );
  if (factors.flat().some((factor) => factor < 1 || factor > LARGEST_FACTOR)) {
    throw new UnsupportedJpeg('sampling factors are out of range');
  }
  const [across, down] = [0, 1].map((axis) => Math.max(...factors.map((pair) => pair[axis])));
  const units = {
    rows: Math.ceil(height / (SIDE * down)),
    columns: Math.ceil(width / (SIDE * across)),
  };
  const components = factors.map(([across, down], number): Component => {
    const [identity, chosen] = scan.subarray(1 + 2 * number);
    if (identity !== byteAt(frame, 6 + 3 * number)) {
      throw new UnsupportedJpeg('components are in another order');
    }
    const [dc, ac] = halves(chosen);
    return {
      across,
      down,
      rows: units.rows * down,
      columns: units.columns * across,
      quantization: present(quantization.get(byteAt(frame, 8 + 3 * number))),
      dc: present(tables.get(dc)),
      ac: present(tables.get(16 + ac)),
    };
  });
  return { components, shape: { width, height }, units, interval, size };
}

function halves(byte: number): [high: number, low: number] {
  return [byte >> 4, byte & 15];
}

function byteAt(bytes: Uint8Array, at: number): number {
  return part(bytes, at, 1)[0];
}

function numberAt(bytes: Uint8Array, at: number): number {
  const [high, low] = part(bytes, at, 2);
  return 256 * high + low;
}

/** So many bytes, all of which have to be there. */
function part(bytes: Uint8Array, start: number, size: number): Uint8Array {
  if (start + size > bytes.length) throw new UnsupportedJpeg('a segment is cut off');
  return bytes.subarray(start, start + size);
}

function present<T>(table: T | undefined): T {
  if (table === undefined) throw new UnsupportedJpeg('a table is missing');
  return table;
}
