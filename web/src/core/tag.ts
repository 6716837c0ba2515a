// The tag of a tile: 16 bytes of HMAC-SHA256 over all its residues, kept in the header's place.

import { type Bytes, bigEndian, concat, equal } from './bytes';
import type { Cell } from './grid';
import { HEADER_SAMPLE, readBytes, TAG_SIZE, TAG_START } from './header';
import { type FileKeys, subtle } from './keys';
import { type Bits, nearest, residues } from './lattice';

const FIRST_SAMPLE = HEADER_SAMPLE + 8 * TAG_START;
const TAG_BITS = 8 * TAG_SIZE;

async function tagOf(keys: FileKeys, tile: Cell, samples: Uint8Array, bits: Bits): Promise<Bytes> {
  const found = residues(samples, bits);
  for (let bit = 0; bit < TAG_BITS; bit++) {
    const { pixel, place } = carrier(bit);
    found[pixel] &= ~(1 << place);
  }
  const signed = concat(
    bigEndian(tile.number, 4),
    bigEndian(tile.height, 4),
    bigEndian(tile.width, 4),
    Uint8Array.of(bits),
    littleEndian(found),
  );
  const tag = await subtle().sign('HMAC', keys.tag, signed);
  return new Uint8Array(tag, 0, TAG_SIZE);
}

/** Writes a tile's tag into its samples, by the pixels nearest to the cover's. */
export async function writeTag(
  keys: FileKeys,
  tile: Cell,
  samples: Uint8Array,
  cover: Uint8Array,
  pad: Uint8Array,
  bits: Bits,
): Promise<void> {
  const tag = await tagOf(keys, tile, samples, bits);
  const wanted = residues(samples, bits, carrier(TAG_BITS - 1).pixel + 1);
  for (let bit = 0; bit < TAG_BITS; bit++) {
    const { pixel, place, sample } = carrier(bit);
    const symbol = ((tag[bit >> 3] >> (7 - (bit & 7))) ^ pad[sample]) & 1;
    wanted[pixel] = (wanted[pixel] & ~(1 << place)) | (symbol << place);
  }
  for (let pixel = carrier(0).pixel; pixel < wanted.length; pixel++) {
    const at = 3 * pixel;
    samples.set(nearest(cover.subarray(at, at + 3), wanted[pixel], bits), at);
  }
}

/** Whether a tile's samples are what `writeTag` left. */
export async function isWhole(
  keys: FileKeys,
  tile: Cell,
  samples: Uint8Array,
  pad: Uint8Array,
  bits: Bits,
): Promise<boolean> {
  const carried = readBytes(samples, bits, pad, TAG_START, TAG_SIZE);
  return equal(carried, await tagOf(keys, tile, samples, bits));
}

/** Where a bit of the tag is: its sample, that sample's pixel, and the bit of its residue. */
function carrier(bit: number): { sample: number; pixel: number; place: number } {
  const sample = FIRST_SAMPLE + bit;
  return { sample, pixel: Math.floor(sample / 3), place: sample % 3 };
}

function littleEndian(values: Uint16Array<ArrayBuffer>): Uint8Array {
  const view = new DataView(values.buffer);
  for (let index = 0; index < values.length; index++) {
    view.setUint16(2 * index, values[index], true);
  }
  return new Uint8Array(values.buffer);
}
