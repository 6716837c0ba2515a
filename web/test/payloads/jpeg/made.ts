// JPEG files of any structure, made of pseudorandom coefficients.

import { bigEndian, concat } from '../../../src/core/bytes';
import { type Headers, readHeaders } from '../../../src/core/payloads/jpeg/headers';
import { encodeScan } from '../../../src/core/payloads/jpeg/huffman';
import { blankPlanes, type Planes } from '../../../src/core/payloads/jpeg/planes';
import { random, range } from '../../support';

export const END = Uint8Array.of(0xff, 0xd9);

/** Markers of segments. */
export const [FRAME, CODES, STEPS, SCAN, INTERVAL, COMMENT] = [0xc0, 0xc4, 0xdb, 0xda, 0xdd, 0xfe];

export interface Given {
  readonly width?: number;
  readonly height?: number;
  /** Sampling factors of each component, 0x21 for 2 across and 1 down. */
  readonly factors?: readonly number[];
  readonly frame?: number;
  readonly precision?: number;
  /** What comes before the tables. */
  readonly first?: Uint8Array;
}

export function segment(
  marker: number,
  ...content: readonly Uint8Array[]
): Uint8Array<ArrayBuffer> {
  const data = concat(...content);
  return concat(Uint8Array.of(0xff, marker), bigEndian(data.length + 2, 2), data);
}

/** Codes for all symbols below a number: long ones, so that files can become smaller. */
function codes(place: number, symbols: number): Uint8Array {
  const counts = new Uint8Array(16);
  counts[14] = 1;
  counts[15] = symbols - 1;
  return segment(CODES, Uint8Array.of(place), counts, range(symbols));
}

/** All before the coefficients. */
export function headersOf({
  width = 40,
  height = 30,
  factors = [0x11, 0x11, 0x11],
  frame = FRAME,
  precision = 8,
  first = new Uint8Array(),
}: Given): Uint8Array<ArrayBuffer> {
  const count = factors.length;
  const own = factors.flatMap((factor, number) => [number + 1, factor, Math.min(number, 1)]);
  const chosen = factors.flatMap((_, number) => [number + 1, 0]);
  const steps = range(64).map((position) => position + 1);
  return concat(
    Uint8Array.of(0xff, 0xd8),
    first,
    segment(STEPS, Uint8Array.of(0), steps, Uint8Array.of(1), steps),
    segment(
      frame,
      Uint8Array.of(precision),
      bigEndian(height, 2),
      bigEndian(width, 2),
      Uint8Array.of(count, ...own),
    ),
    codes(0x00, 16),
    codes(0x10, 256),
    segment(SCAN, Uint8Array.of(count, ...chosen, 0, 63, 0)),
  );
}

/** Small coefficients, fewer at higher frequencies, and a few large ones. */
function filled(headers: Headers, seed: number): Planes[] {
  return headers.components.map((component, number) => {
    const planes = blankPlanes(component);
    const { grid } = planes;
    const bytes = random(64 * component.rows * component.columns, seed + number);
    let next = 0;
    for (let row = 0; row < grid.rows; row++) {
      for (let column = 0; column < grid.columns; column++) {
        const at = grid.at(row, column);
        planes.first[at] = 5 * row - 3 * column + (bytes[next++] >> 4);
        for (let position = 1; position < 64; position++) {
          const byte = bytes[next++];
          const isLarge = byte === 0 && position < 10;
          if (isLarge) planes.others[position][at] = -3000 >> position;
          else if (byte < 300 / position) planes.others[position][at] = (byte % 5) - 2;
        }
      }
    }
    return planes;
  });
}

/** A whole file. */
export function made(given: Given = {}, seed = 1): Uint8Array<ArrayBuffer> {
  const start = headersOf(given);
  const headers = readHeaders(start);
  return concat(start, encodeScan(filled(headers, seed), headers), END);
}

/** A file of one component with such first coefficients, row by row, and no others. */
export function flat(columns: number, means: readonly number[]): Uint8Array<ArrayBuffer> {
  const size = { width: 8 * columns, height: (8 * means.length) / columns };
  const start = headersOf({ ...size, factors: [0x11] });
  const headers = readHeaders(start);
  const planes = blankPlanes(headers.components[0]);
  for (const [index, mean] of means.entries()) {
    planes.first[planes.grid.at(Math.floor(index / columns), index % columns)] = mean;
  }
  return concat(start, encodeScan([planes], headers), END);
}
