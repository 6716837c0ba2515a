// Pixel residues: how one, two or four pixels together carry a few bits. docs/clear-format.md has the
// arithmetic, and runtime/carriers/residues.py is its reference.
//
// A group is a few pixels. Its residue is the sum of its samples, each times its multiplier, modulo
// 2^(bits of the group). Of all groups with a wanted residue, the one nearest to the cover's is taken.

/** Most bits that a pixel carries. */
export const MOST_BITS = 9;

/** By bits per pixel: those of red, green and blue of each pixel of a group. */
const MULTIPLIERS: Readonly<Record<number, readonly number[]>> = {
  1: [1, 8, 6, 8, 7, 9, 12, 3, 2, 2, 13, 11],
  2: [1, 22, 183, 190, 97, 43, 134, 81, 86, 34, 28, 173],
  3: [1, 33, 4, 56, 18, 20],
  4: [1, 38, 11, 41, 33, 99],
  5: [1, 4, 10],
  6: [1, 8, 34],
  7: [1, 10, 25],
  8: [1, 7, 46],
  9: [1, 83, 438],
};

/**
 * By bits per pixel, from 0: the largest squared change that reaches all residues from within the
 * range, and from any group, even of nothing but white and black. Tables of the second take longer
 * to make and are seldom needed.
 */
export const NEAR = [0, 2, 3, 4, 6, 12, 12, 27, 48, 75];
const FAR = [0, 4, 6, 9, 14, 27, 75, 75, 147, 300];

/** Pixels of a group that carries so many bits per pixel, 1 to 9. */
export function groupOf(bits: number): number {
  return MULTIPLIERS[bits].length / 3;
}

/** Bits that a group carries, 4 to 9, at so many bits per pixel. */
export function bitsOfGroup(bits: number): number {
  return bits * groupOf(bits);
}

/**
 * Residues of groups.
 *
 * @param samples Red, green and blue of each pixel, of whole groups.
 * @param bits Bits per pixel.
 */
export function residuesOf(samples: Uint8Array, bits: number): Uint16Array<ArrayBuffer> {
  const multipliers = Uint16Array.from(MULTIPLIERS[bits]);
  const size = multipliers.length;
  const mask = maskOf(bits);
  const residues = new Uint16Array(samples.length / size);
  for (let group = 0, at = 0; group < residues.length; group++) {
    let sum = 0;
    for (let sample = 0; sample < size; sample++) sum += multipliers[sample] * samples[at++];
    residues[group] = sum & mask;
  }
  return residues;
}

/**
 * Changes groups, in place, to the nearest ones that have the wanted residues.
 *
 * @param samples Red, green and blue of each pixel, of whole groups.
 * @param wanted One residue per group.
 * @param bits Bits per pixel.
 */
export function setResidues(samples: Uint8Array, wanted: Uint16Array, bits: number): void {
  const current = residuesOf(samples, bits);
  const size = MULTIPLIERS[bits].length;
  const mask = maskOf(bits);
  const nearest = nearestOf(bits);
  for (let group = 0, at = 0; group < wanted.length; group++, at += size) {
    const rise = (wanted[group] - current[group]) & mask;
    if (!applies(samples, at, nearest, rise * size, size)) change(samples, at, rise, bits);
  }
}

/** Adds a change to a group, if all of its samples then still are levels. */
function applies(
  samples: Uint8Array,
  at: number,
  changes: Int8Array,
  from: number,
  size: number,
): boolean {
  let levels = 0;
  for (let sample = 0; sample < size; sample++) {
    levels |= samples[at + sample] + changes[from + sample];
  }
  // Negative numbers have all upper bits.
  if (levels & ~255) return false;
  for (let sample = 0; sample < size; sample++) samples[at + sample] += changes[from + sample];
  return true;
}

/** Raises the residue of a group by the smallest change that is possible. */
function change(samples: Uint8Array, at: number, rise: number, bits: number): void {
  const size = MULTIPLIERS[bits].length;
  for (const largest of [NEAR[bits], FAR[bits]]) {
    const { steps, starts } = changesOf(bits, largest);
    for (let from = starts[rise]; from < starts[rise + 1]; from++) {
      if (applies(samples, at, steps, from * size, size)) return;
    }
  }
  throw new Error('every residue is in reach of every group');
}

/** Changes of a group by the rise of the residue that they cause. */
export interface Changes {
  /** One after the other, those of one rise together, smallest first. */
  readonly steps: Int8Array;
  /** Number of the first change of each rise, and of all changes at the end. */
  readonly starts: Uint32Array;
}

const cache = new Map<string, Changes>();
const nearestCache = new Map<number, Int8Array>();

/**
 * All changes of a group up to a squared size.
 *
 * Of one rise, those of the least squared change come first, of these the ones that change brightness
 * least, then in lexicographic order.
 */
export function changesOf(bits: number, largest: number): Changes {
  const key = `${bits} ${largest}`;
  let changes = cache.get(key);
  if (!changes) {
    changes = makeChanges(MULTIPLIERS[bits], largest, maskOf(bits) + 1);
    cache.set(key, changes);
  }
  return changes;
}

/** The smallest change of each rise. */
function nearestOf(bits: number): Int8Array {
  let nearest = nearestCache.get(bits);
  if (!nearest) {
    const { steps, starts } = changesOf(bits, NEAR[bits]);
    const size = MULTIPLIERS[bits].length;
    nearest = new Int8Array((starts.length - 1) * size);
    for (let rise = 0; rise < starts.length - 1; rise++) {
      const from = starts[rise] * size;
      nearest.set(steps.subarray(from, from + size), rise * size);
    }
    nearestCache.set(bits, nearest);
  }
  return nearest;
}

function makeChanges(multipliers: readonly number[], largest: number, modulus: number): Changes {
  const size = multipliers.length;
  const vectors = vectorsUpTo(largest, size);
  const count = vectors.length / size;
  const brightest = size * Math.floor(Math.sqrt(largest));
  const costs = new Uint32Array(count);
  const rises = new Uint32Array(count);
  for (let index = 0, at = 0; index < count; index++) {
    let [squares, brightness, rise] = [0, 0, 0];
    for (let sample = 0; sample < size; sample++) {
      const step = vectors[at++];
      squares += step * step;
      brightness += step;
      rise += multipliers[sample] * step;
    }
    costs[index] = squares * (brightest + 1) + Math.abs(brightness);
    rises[index] = rise & (modulus - 1);
  }
  const every = Uint32Array.from({ length: count }, (_, index) => index);
  const byCost = sorted(every, costs, (largest + 1) * (brightest + 1)).order;
  const { order, starts } = sorted(byCost, rises, modulus);
  const steps = new Int8Array(vectors.length);
  for (const [to, from] of order.entries()) {
    steps.set(vectors.subarray(from * size, (from + 1) * size), to * size);
  }
  return { steps, starts };
}

/** Sorts numbers by their keys, equal ones as they come; also gives where each key starts. */
function sorted(numbers: Uint32Array, keys: Uint32Array, count: number) {
  const starts = new Uint32Array(count + 1);
  for (const key of keys) starts[key + 1]++;
  for (let key = 0; key < count; key++) starts[key + 1] += starts[key];
  const order = new Uint32Array(numbers.length);
  const next = starts.slice();
  for (const number of numbers) order[next[keys[number]]++] = number;
  return { order, starts };
}

/** All vectors of whole numbers up to a squared length, in lexicographic order. */
function vectorsUpTo(largest: number, size: number): Int8Array {
  let found = new Int8Array(1 << 12);
  let count = 0;
  const vector = new Int8Array(size);
  const extend = (place: number, left: number) => {
    if (place === size) {
      if (count + size > found.length) {
        const larger = new Int8Array(2 * found.length);
        larger.set(found);
        found = larger;
      }
      found.set(vector, count);
      count += size;
      return;
    }
    const reach = Math.floor(Math.sqrt(left));
    for (let step = -reach; step <= reach; step++) {
      vector[place] = step;
      extend(place + 1, left - step * step);
    }
  };
  extend(0, largest);
  return found.subarray(0, count);
}

function maskOf(bits: number): number {
  return (1 << bitsOfGroup(bits)) - 1;
}
