// The Huffman codes of a JPEG file: from bytes to coefficients and back (T.81, annex F).
// runtime/payloads/jpeg/huffman.py is the reference.

import type { Bytes } from '../../bytes';
import { BitWriter, bitsAt, MARGIN } from './bits';
import { type Headers, type HuffmanTable, UnsupportedJpeg } from './headers';
import { blankPlanes, type Planes, POSITIONS } from './planes';

const LONGEST_CODE = 16;
const [END_OF_BLOCK, SIXTEEN_ZEROS] = [0x00, 0xf0];
/** And the seven after it. */
const RESTART = 0xd0;
/** Of a coefficient. */
const MOST_BITS = 15;

/** The coefficients of a file. */
export interface Scan {
  /** Of each component. */
  readonly components: readonly Planes[];
  /** Bytes of the file that the codes take, without the marker after them. */
  readonly size: number;
}

/**
 * Reads the coefficients of a file.
 *
 * Damaged codes are read as something: whether `encodeScan` makes the same bytes of what was read tells
 * whether they are whole.
 */
export function decodeScan(content: Uint8Array, headers: Headers): Scan {
  const { coded, starts, size } = codedIn(content.subarray(headers.size), headers.interval > 0);
  const { components } = headers;
  const blocks = components.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  const end = 8 * (coded.length - MARGIN);
  // Before memory is taken: each block has two codes or more.
  if (2 * blocks > end) throw tooFewBlocks();
  if (starts.length !== intervalsIn(headers)) {
    throw new UnsupportedJpeg('its codes start anew in other places than they should');
  }
  const reader = new CodeReader(coded, end, starts);
  const lookups = components.map(({ dc, ac }) => ({ dc: lookupOf(dc), ac: lookupOf(ac) }));
  const planes = components.map(blankPlanes);
  const last = new Int32Array(components.length);
  const startAnew = () => {
    reader.startAnew();
    last.fill(0);
  };
  inOrder(headers, planes, startAnew, (number, at) => {
    const { first, others } = planes[number];
    const { dc, ac } = lookups[number];
    // The first is coded as its difference from the one before.
    last[number] += reader.block(dc, ac, others, at);
    if (Math.abs(last[number]) >= 1 << MOST_BITS) {
      throw new UnsupportedJpeg('a coefficient is out of range');
    }
    first[at] = last[number];
  });
  return { components: planes, size };
}

function intervalsIn({ units, interval }: Headers): number {
  return interval > 0 ? Math.ceil((units.rows * units.columns) / interval) : 1;
}

/**
 * Goes through the blocks in the order of a scan.
 *
 * @param startAnew Called between intervals.
 * @param each Called with the component and the place of each block.
 */
function inOrder(
  { components, units, interval }: Headers,
  planes: readonly Planes[],
  startAnew: () => void,
  each: (number: number, at: number) => void,
): void {
  let unit = 0;
  for (let row = 0; row < units.rows; row++) {
    for (let column = 0; column < units.columns; column++, unit++) {
      if (interval > 0 && unit > 0 && unit % interval === 0) startAnew();
      for (const [number, { across, down }] of components.entries()) {
        const { grid } = planes[number];
        for (let block = 0; block < down; block++) {
          const start = grid.at(row * down + block, column * across);
          for (let at = start; at < start + across; at++) each(number, at);
        }
      }
    }
  }
}

/** What is coded before the next marker, without the zeros after each byte of ones. */
interface Coded {
  readonly coded: Bytes;
  /** Where codes start anew, in bytes; the first is 0. */
  readonly starts: readonly number[];
  /** Bytes of the file. */
  readonly size: number;
}

/** @param restarts Whether markers may be between codes that start anew. */
function codedIn(content: Uint8Array, restarts: boolean): Coded {
  const isRestart = (at: number) => restarts && (content[at + 1] & 0xf8) === RESTART;
  const starts = [0];
  let leftOut = 0;
  let size = content.indexOf(0xff);
  while (size >= 0 && (content[size + 1] === 0 || isRestart(size))) {
    if (isRestart(size)) {
      starts.push(size - leftOut);
      leftOut++;
    }
    leftOut++;
    size = content.indexOf(0xff, size + 2);
  }
  if (size < 0 || size + 1 === content.length) throw new UnsupportedJpeg('it has no end');
  const coded = new Uint8Array(size - leftOut + MARGIN).fill(0xff);
  for (let from = 0, to = 0; from < size; from++) {
    if (content[from] !== 0xff) coded[to++] = content[from];
    else if (content[++from] === 0) coded[to++] = 0xff;
  }
  return { coded, starts, size };
}

/** By the next 16 bits: symbol * 32 + length of its code; 0 where no code begins like that. */
function lookupOf({ codes, lengths }: HuffmanTable): Uint16Array {
  const lookup = new Uint16Array(1 << LONGEST_CODE);
  for (const [symbol, length] of lengths.entries()) {
    const unused = LONGEST_CODE - length;
    const start = codes[symbol] << unused;
    if (length > 0) lookup.fill(32 * symbol + length, start, start + (1 << unused));
  }
  return lookup;
}

/** Reads codes. */
class CodeReader {
  private position = 0;
  private interval = 0;
  private end: number;

  /**
   * @param coded With a margin.
   * @param last The end, in bits.
   * @param starts Where codes start anew, in bytes.
   */
  constructor(
    private readonly coded: Uint8Array,
    private readonly last: number,
    private readonly starts: readonly number[],
  ) {
    this.end = this.endOf(0);
  }

  /** Goes on to the next interval. */
  startAnew(): void {
    this.position = 8 * this.starts[++this.interval];
    this.end = this.endOf(this.interval);
  }

  private endOf(interval: number): number {
    return interval + 1 < this.starts.length ? 8 * this.starts[interval + 1] : this.last;
  }

  /** Reads a block: its first coefficient is returned, the others are put into their planes. */
  block(dc: Uint16Array, ac: Uint16Array, others: readonly Int16Array[], at: number): number {
    const { coded, end } = this;
    let { position } = this;
    let first = 0;
    let lookup = dc;
    for (let index = 0; index < POSITIONS; lookup = ac) {
      if (position >= end) throw tooFewBlocks();
      const entry = lookup[bitsAt(coded, position, LONGEST_CODE)];
      const length = entry & 31;
      const symbol = entry >> 5;
      const bits = symbol & 15;
      const target = index === 0 ? 0 : index + (symbol >> 4);
      if (bits > 0 && target < POSITIONS) {
        const value = bitsAt(coded, position + length, bits);
        const signed = value >> (bits - 1) ? value : value - (1 << bits) + 1;
        if (target === 0) first = signed;
        else others[target][at] = signed;
      }
      // Where no code begins, the next may begin one bit later.
      position += Math.max(length + bits, 1);
      index = index > 0 && symbol === END_OF_BLOCK ? POSITIONS : target + 1;
    }
    this.position = position;
    return first;
  }
}

/** The inverse of `decodeScan`: the bytes of the codes, without the marker after them. */
export function encodeScan(planes: readonly Planes[], headers: Headers): Bytes {
  const writer = new BitWriter();
  const last = new Int32Array(planes.length);
  const difference = new Int32Array(1);
  const restarts: number[] = [];
  const startAnew = () => {
    restarts.push(writer.fill(1));
    last.fill(0);
  };
  inOrder(headers, planes, startAnew, (number, at) => {
    const { first, others } = planes[number];
    const { dc, ac } = headers.components[number];
    difference[0] = first[at] - last[number];
    last[number] = first[at];
    putValue(writer, dc, 0, difference[0]);
    let run = 0;
    for (let position = 1; position < POSITIONS; position++) {
      const value = others[position][at];
      if (value === 0) {
        run++;
        continue;
      }
      for (; run >= 16; run -= 16) putSymbol(writer, ac, SIXTEEN_ZEROS);
      putValue(writer, ac, run, value);
      run = 0;
    }
    if (run > 0) putSymbol(writer, ac, END_OF_BLOCK);
  });
  return withMarkers(writer.finish(1), restarts);
}

/** Writes a coefficient after so many zeros (T.81, tables F.1 and F.2). */
function putValue(writer: BitWriter, table: HuffmanTable, run: number, value: number): void {
  const size = 32 - Math.clz32(Math.abs(value));
  if (size > MOST_BITS) throw new UnsupportedJpeg('a coefficient is out of range');
  putSymbol(writer, table, (run << 4) | size);
  writer.put(value < 0 ? value + (1 << size) - 1 : value, size);
}

function putSymbol(writer: BitWriter, { codes, lengths }: HuffmanTable, symbol: number): void {
  if (lengths[symbol] === 0) throw new UnsupportedJpeg('a coefficient has no code');
  writer.put(codes[symbol], lengths[symbol]);
}

/** Bytes with a zero after each byte of ones, and a marker wherever codes start anew. */
function withMarkers(bytes: Bytes, restarts: readonly number[]): Bytes {
  const ones = bytes.reduce((sum, byte) => sum + Number(byte === 0xff), 0);
  const filled = new Uint8Array(bytes.length + ones + 2 * restarts.length);
  let to = 0;
  let passed = 0;
  for (const [from, byte] of bytes.entries()) {
    if (from === restarts[passed]) {
      filled[to] = 0xff;
      filled[to + 1] = RESTART + (passed++ % 8);
      to += 2;
    }
    filled[to] = byte;
    to += byte === 0xff ? 2 : 1;
  }
  return filled;
}

function tooFewBlocks(): UnsupportedJpeg {
  return new UnsupportedJpeg('it has fewer blocks than it should');
}
