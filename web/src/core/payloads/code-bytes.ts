// The bytes of the payload `code`: a header, then the words of each tile; part of the format.

import { type Bytes, bigEndian, concat, fromBigEndian } from '../bytes';
import { AlteredError } from '../errors';
import { tilesOf } from '../images/grid';
import { refuseLarge } from '../images/limit';
import type { Size } from '../images/picture';

/** Bytes of a word. */
export const WORD = 2;

export const QINDICES = 512;

/** Words of a tile's adaptive scales. */
export const ADAPTIVE_WORDS = 96;

/** Words at most in a step of a macroblock, of which there are so many. */
const STEPS = 797;

/** States are packed by coders for so many macroblocks, with so many steps. */
const PACKED_LANES = 32;
const PACKER_STEPS = 96;

/** Most pixels of the secret for each that is coded. A few bytes must not ask for gigabytes. */
const LARGEST_REDUCTION = 4096;

export const FIXED = 15;
const COUNT = 3;
const ADAPTIVE_FLAG = 1;

/** What precedes the words. */
export interface Header {
  /** Of what the tiles were cut from. */
  readonly codedSize: Size;
  /** Of the secret. */
  readonly ownSize: Size;
  /** Quantizer index, 0 to 511. */
  readonly qindex: number;
  /** Whether tiles have adaptive scales. */
  readonly adaptive: boolean;
  /** Number of words of each tile. */
  readonly counts: readonly number[];
}

export function pack({ codedSize, ownSize, qindex, adaptive, counts }: Header): Bytes {
  const sides = [codedSize.width, codedSize.height, ownSize.width, ownSize.height];
  return concat(
    ...sides.map((side) => bigEndian(side, 3)),
    bigEndian(qindex, 2),
    Uint8Array.of(adaptive ? ADAPTIVE_FLAG : 0),
    ...counts.map((count) => bigEndian(count, COUNT)),
  );
}

/** Bytes of the header of so many tiles. */
export function headerSize(tiles: number): number {
  return FIXED + COUNT * tiles;
}

/** Reads a header, and checks it before memory is taken. */
export function parse(content: Bytes): Header {
  if (content.length < FIXED) {
    throw new AlteredError('The code of the hidden picture is cut short.');
  }
  const number = (start: number, size: number) =>
    fromBigEndian(content.subarray(start, start + size));
  const codedSize = { width: number(0, 3), height: number(3, 3) };
  const ownSize = { width: number(6, 3), height: number(9, 3) };
  const qindex = number(12, 2);
  const flags = content[14];
  refuseLarge(ownSize);
  const plausible =
    areaOf(codedSize) >= 1 &&
    codedSize.width <= ownSize.width &&
    codedSize.height <= ownSize.height &&
    areaOf(ownSize) <= LARGEST_REDUCTION * areaOf(codedSize) &&
    qindex < QINDICES &&
    flags <= ADAPTIVE_FLAG &&
    // Each macroblock has a word, so this many can be cut into tiles without harm.
    content.length >= FIXED + WORD * lanesOf(codedSize);
  if (plausible) {
    const adaptive = flags === ADAPTIVE_FLAG;
    const lanes = tilesOf(codedSize).map(lanesOf);
    const counts = lanes.map((_, tile) => number(FIXED + COUNT * tile, COUNT));
    const fits = counts.every((count, tile) => {
      const [least, most] = wordsOf(lanes[tile], adaptive);
      return least <= count && count <= most;
    });
    const words = counts.reduce((sum, count) => sum + count, 0);
    if (fits && headerSize(lanes.length) + WORD * words === content.length) {
      return { codedSize, ownSize, qindex, adaptive, counts };
    }
  }
  throw new AlteredError('The code of the hidden picture does not make sense.');
}

/** Macroblocks of a tile. */
export function lanesOf({ height, width }: Size): number {
  return Math.ceil(height / 16) * Math.ceil(width / 16);
}

/** Fewest words of tiles of so many macroblocks each. */
export function leastWords(tiles: readonly number[]): number {
  return tiles.reduce((sum, lanes) => sum + wordsOf(lanes, false)[0], 0);
}

/** Fewest and most words of a tile of so many macroblocks. */
function wordsOf(lanes: number, adaptive: boolean): [least: number, most: number] {
  const packers = Math.ceil(lanes / PACKED_LANES);
  const least = lanes + 2 * packers + (adaptive ? ADAPTIVE_WORDS : 0);
  return [least, least + STEPS * lanes + PACKER_STEPS * packers];
}

function areaOf({ height, width }: Size): number {
  return height * width;
}
