// The tag of a tile covers all its residues and is stored at the end of its header.

import { bigEndian, concat, equal } from '../../bytes';
import { type Bits, residuesOf, withResidues } from '../../carriers/residues';
import type { FileKeys } from '../../crypto/keys';
import { TAG_SIZE, tagOf } from '../../crypto/tags';
import { HEADER_SAMPLE, readBytes, TAG_START } from './header';
import type { Tile } from './tiles';

const FIRST_SAMPLE = HEADER_SAMPLE + 8 * TAG_START;
const TAG_BITS = 8 * TAG_SIZE;

function tileTag(keys: FileKeys, tile: Tile, samples: Uint8Array, bits: Bits) {
  const residues = residuesOf(samples, bits);
  for (let bit = 0; bit < TAG_BITS; bit++) {
    const { pixel, plane } = positionOf(bit);
    residues[pixel] &= ~(1 << plane);
  }
  const message = concat(
    bigEndian(tile.number, 4),
    bigEndian(tile.height, 4),
    bigEndian(tile.width, 4),
    Uint8Array.of(bits),
    littleEndian(residues),
  );
  return tagOf(keys, message);
}

/** Writes a tile's tag into its samples, as pixels as near as possible to the cover's. */
export async function writeTag(
  keys: FileKeys,
  tile: Tile,
  samples: Uint8Array,
  cover: Uint8Array,
  stream: Uint8Array,
  bits: Bits,
): Promise<void> {
  const tag = await tileTag(keys, tile, samples, bits);
  const first = positionOf(0).pixel;
  const end = positionOf(TAG_BITS - 1).pixel + 1;
  const wanted = residuesOf(samples, bits, end);
  for (let bit = 0; bit < TAG_BITS; bit++) {
    const { pixel, plane, sample } = positionOf(bit);
    const symbol = ((tag[bit >> 3] >> (7 - (bit & 7))) ^ stream[sample]) & 1;
    wanted[pixel] = (wanted[pixel] & ~(1 << plane)) | (symbol << plane);
  }
  const pixels = withResidues(cover.subarray(3 * first, 3 * end), wanted.subarray(first), bits);
  samples.set(pixels, 3 * first);
}

/** Whether a tile's samples are exactly those that `writeTag` left. */
export async function isIntact(
  keys: FileKeys,
  tile: Tile,
  samples: Uint8Array,
  stream: Uint8Array,
  bits: Bits,
): Promise<boolean> {
  const stored = readBytes(samples, bits, stream, TAG_START, TAG_SIZE);
  return equal(stored, await tileTag(keys, tile, samples, bits));
}

/** Where a bit of the tag is: its sample, that sample's pixel, and the bit of the residue. */
function positionOf(bit: number): { sample: number; pixel: number; plane: number } {
  const sample = FIRST_SAMPLE + bit;
  return { sample, pixel: Math.floor(sample / 3), plane: sample % 3 };
}

function littleEndian(values: Uint16Array<ArrayBuffer>): Uint8Array {
  const view = new DataView(values.buffer);
  for (let index = 0; index < values.length; index++) {
    view.setUint16(2 * index, values[index], true);
  }
  return new Uint8Array(values.buffer);
}
