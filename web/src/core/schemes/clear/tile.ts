// A tile of a container: which of its pixels carry the payload, and its tag.
//
// The tag is in the lowest bits of the tile's last samples. It covers all other bits of all of the
// tile's pixels, what they show as well as what they carry, and where the tile belongs. So no pixel of
// a container can be changed, and no tile moved, unnoticed.

import { type Bytes, bigEndian, concat, equal, utf8 } from '../../bytes';
import type { FileKeys } from '../../crypto/keys';
import { TAG_SIZE, tagOf } from '../../crypto/tags';
import type { Tile } from '../../images/grid';
import type { Size } from '../../images/picture';
import { PIXELS, placesOf } from './description';

const TAG_BITS = 8 * TAG_SIZE;
const TAG_PIXELS = Math.ceil(TAG_BITS / 3);

/** How many pixels of a tile can carry a payload. */
export function freePixels({ number, height, width }: Tile): number {
  return height * width - TAG_PIXELS - (number === 0 ? PIXELS : 0);
}

/** The samples of a tile's pixels that can carry a payload: a copy, or a view of them. */
export function freeOf(samples: Uint8Array, tile: Tile): Uint8Array {
  const free = new Uint8Array(3 * freePixels(tile));
  if (tile.number > 0) return samples.subarray(0, free.length);
  let to = 0;
  for (const [start, end] of freeRanges(samples, tile)) {
    free.set(samples.subarray(start, end), to);
    to += end - start;
  }
  return free;
}

/** The inverse of `freeOf`, in place. */
export function setFree(samples: Uint8Array, tile: Tile, free: Uint8Array): void {
  if (tile.number > 0) {
    if (free.buffer !== samples.buffer) samples.set(free);
    return;
  }
  let from = 0;
  for (const [start, end] of freeRanges(samples, tile)) {
    samples.set(free.subarray(from, from + end - start), start);
    from += end - start;
  }
}

/** The samples of the pixels of the first tile that hold the description. */
export function described(samples: Uint8Array, width: number): Uint8Array {
  const rows = placesOf(width).map(([start, end]) => samples.subarray(3 * start, 3 * end));
  return concat(...rows);
}

/** The inverse of `described`, in place. */
export function setDescribed(samples: Uint8Array, width: number, held: Uint8Array): void {
  let from = 0;
  for (const [start, end] of placesOf(width)) {
    samples.set(held.subarray(from, from + 3 * (end - start)), 3 * start);
    from += 3 * (end - start);
  }
}

/**
 * Writes the tag of a finished tile into its samples, in place.
 *
 * @param size Of the whole container.
 */
export async function seal(
  samples: Uint8Array,
  tile: Tile,
  size: Size,
  keys: FileKeys,
): Promise<void> {
  const carrying = tagged(samples);
  for (let bit = 0; bit < TAG_BITS; bit++) carrying[bit] &= 0xfe;
  const tag = await tagOf(keys, messageOf(samples, tile, size));
  for (let bit = 0; bit < TAG_BITS; bit++) carrying[bit] |= (tag[bit >> 3] >> (7 - (bit & 7))) & 1;
}

/** Whether a tile is as `seal` left it; the arguments are the same. Clears its tag. */
export async function isIntact(
  samples: Uint8Array,
  tile: Tile,
  size: Size,
  keys: FileKeys,
): Promise<boolean> {
  const carrying = tagged(samples);
  const found = new Uint8Array(TAG_SIZE);
  for (let bit = 0; bit < TAG_BITS; bit++) {
    found[bit >> 3] |= (carrying[bit] & 1) << (7 - (bit & 7));
    carrying[bit] &= 0xfe;
  }
  return equal(found, await tagOf(keys, messageOf(samples, tile, size)));
}

/** The samples whose lowest bits carry the tag, as a view. */
function tagged(samples: Uint8Array): Uint8Array {
  const start = samples.length - 3 * TAG_PIXELS;
  return samples.subarray(start, start + TAG_BITS);
}

function messageOf(samples: Uint8Array, { number }: Tile, { height, width }: Size): Bytes {
  const place = [number, height, width].map((value) => bigEndian(value, 4));
  return concat(utf8('tile'), ...place, samples);
}

/** The samples of the first tile that can carry a payload, as first sample and end of each range. */
function freeRanges(samples: Uint8Array, tile: Tile): [start: number, end: number][] {
  const ranges: [number, number][] = [];
  let start = 0;
  for (const [from, to] of placesOf(tile.width)) {
    if (from > start / 3) ranges.push([start, 3 * from]);
    start = 3 * to;
  }
  ranges.push([start, samples.length - 3 * TAG_PIXELS]);
  return ranges;
}
