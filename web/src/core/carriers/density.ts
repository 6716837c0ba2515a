// How densely pixels carry bytes: as few bits per pixel as hold what is hidden.
//
// The first pixels carry `bits` bits each, the others one less. A share of pixels at each of two
// densities changes less than all at a density between them could, since the mean squared change
// grows ever faster with the density.

import type { Bytes } from '../bytes';
import { bitsOfGroup, groupOf, MOST_BITS, residuesOf, setResidues } from './residues';

const WHOLE = 1 << 16;

export interface Density {
  /** Bits of the denser pixels, 1 to 9; the others carry one less. */
  readonly bits: number;
  /** Share of the pixels that are dense, in 65,536ths, 1 to 65,536. */
  readonly share: number;
}

/** All pixels at one number of bits. */
export function uniform(bits: number): Density {
  return { bits, share: WHOLE };
}

/** Mean over all pixels. */
export function bitsPerPixel({ bits, share }: Density): number {
  return bits - 1 + share / WHOLE;
}

/** Whether both numbers are in their ranges. */
export function isValid({ bits, share }: Density): boolean {
  return bits >= 1 && bits <= MOST_BITS && share >= 1 && share <= WHOLE;
}

/** Whole bytes that so many pixels hold. */
export function capacity(pixels: number, density: Density): number {
  const bits = partsOf(pixels, density).reduce(
    (sum, part) => sum + part.groups * bitsOfGroup(part.bits),
    0,
  );
  return Math.floor(bits / 8);
}

/**
 * The least density at which pixels hold `length` bytes, or null if `mostBits` are not enough.
 *
 * @param pixels Their number in each tile.
 */
export function leastDensity(
  pixels: readonly number[],
  length: number,
  mostBits: number,
): Density | null {
  const holds = (density: Density) =>
    pixels.reduce((sum, count) => sum + capacity(count, density), 0) >= length;
  for (let bits = 1; bits <= mostBits; bits++) {
    if (!holds(uniform(bits))) continue;
    let [low, high] = [1, WHOLE];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (holds({ bits, share: middle })) high = middle;
      else low = middle + 1;
    }
    return { bits, share: low };
  }
  return null;
}

/**
 * Changes pixels, in place, as little as possible so that they carry content.
 *
 * @param pixels RGB samples. Those after the pixels that the content needs stay as they are.
 * @param content At most `capacity` bytes.
 */
export function write(pixels: Uint8Array, content: Uint8Array, density: Density): void {
  let missing = 8 * content.length;
  let buffer = 0;
  let buffered = 0;
  let next = 0;
  for (const { start, groups, bits } of partsOf(pixels.length / 3, density)) {
    const each = bitsOfGroup(bits);
    const needed = Math.min(groups, Math.ceil(missing / each));
    const wanted = new Uint16Array(needed);
    for (let group = 0; group < needed; group++) {
      while (buffered < each) {
        buffer = ((buffer << 8) | (next < content.length ? content[next] : 0)) & 0xffff;
        next++;
        buffered += 8;
      }
      buffered -= each;
      wanted[group] = (buffer >> buffered) & ((1 << each) - 1);
    }
    setResidues(place(pixels, start, needed, bits), wanted, bits);
    missing -= Math.min(missing, needed * each);
  }
}

/** The first `length` bytes that `write` wrote into pixels. */
export function read(pixels: Uint8Array, length: number, density: Density): Bytes {
  const content = new Uint8Array(length);
  let buffer = 0;
  let buffered = 0;
  let next = 0;
  for (const { start, groups, bits } of partsOf(pixels.length / 3, density)) {
    const each = bitsOfGroup(bits);
    const needed = Math.min(groups, Math.ceil((8 * (length - next) - buffered) / each));
    for (const residue of residuesOf(place(pixels, start, Math.max(0, needed), bits), bits)) {
      buffer = ((buffer << each) | residue) & 0xffff;
      buffered += each;
      for (; buffered >= 8; buffered -= 8) content[next++] = buffer >> (buffered - 8);
    }
  }
  return content;
}

interface Part {
  /** First pixel. */
  readonly start: number;
  readonly groups: number;
  /** Per pixel. */
  readonly bits: number;
}

/** The denser part of the pixels, and the other. */
function partsOf(pixels: number, { bits, share }: Density): Part[] {
  const dense = Math.floor(Math.floor((pixels * share) / WHOLE) / groupOf(bits));
  const parts = [{ start: 0, groups: dense, bits }];
  if (bits > 1) {
    const start = dense * groupOf(bits);
    const groups = Math.floor((pixels - start) / groupOf(bits - 1));
    parts.push({ start, groups, bits: bits - 1 });
  }
  return parts;
}

/** The samples of some groups. */
function place(pixels: Uint8Array, start: number, groups: number, bits: number): Uint8Array {
  return pixels.subarray(3 * start, 3 * (start + groups * groupOf(bits)));
}
