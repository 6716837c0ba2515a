import { expect, test } from 'vitest';
import { equal, toHex } from '../../../src/core/bytes';
import { type Bits, residuesOf, withResidues } from '../../../src/core/carriers/residues';
import { type FileKeys, fileKeys, masterKey } from '../../../src/core/crypto/keys';
import {
  HEADER_PIXELS,
  HEADER_SAMPLE,
  HEADER_SIZE,
  pack,
  parse,
  readBytes,
  tileKeystream,
} from '../../../src/core/schemes/clear/header';
import { isIntact, writeTag } from '../../../src/core/schemes/clear/tile-tags';
import { tilesOf } from '../../../src/core/schemes/clear/tiles';
import { random, range } from '../../support';

const SIZES = { secret: { width: 451, height: 300 }, container: { width: 70_000, height: 16 } };
const CODEBOOK = Uint8Array.of(0xab, 0xcd);
const [TILE] = tilesOf(20, 33);

async function exampleKeys(): Promise<FileKeys> {
  return fileKeys(await masterKey('', range(16)), range(12), range(16));
}

/** Writes a header as the hide graph does, into the lowest bits of the symbols. */
function write(samples: Uint8Array, header: Uint8Array, stream: Uint8Array, bits: Bits): void {
  const wanted = residuesOf(samples, bits, HEADER_PIXELS);
  for (let bit = 0; bit < 8 * HEADER_SIZE; bit++) {
    const sample = HEADER_SAMPLE + bit;
    const symbol = ((header[bit >> 3] >> (7 - (bit & 7))) ^ stream[sample]) & 1;
    const pixel = Math.floor(sample / 3);
    wanted[pixel] = (wanted[pixel] & ~(1 << (sample % 3))) | (symbol << (sample % 3));
  }
  samples.set(withResidues(samples.subarray(0, 3 * HEADER_PIXELS), wanted, bits));
}

test.each([1, 2, 3] as const)(
  'a header written at %d bits is read at no other number of bits',
  (bits) => {
    const packed = pack({
      nonce: range(12),
      maskedSalt: range(16),
      bits,
      ...SIZES,
      codebook: CODEBOOK,
    });
    expect(packed.length).toBe(HEADER_SIZE);
    const samples = random(3 * 20 * 33, 9);
    const stream = random(samples.length, 10);
    write(samples, packed, stream, bits);
    const read = readBytes(samples, bits, stream, 0, HEADER_SIZE);
    expect(toHex(read)).toBe(toHex(packed));
    expect(parse(read.subarray(28), bits, CODEBOOK)).toEqual(SIZES);
    for (const other of [1, 2, 3] as const) {
      if (other !== bits) expect(parse(read.subarray(28), other, CODEBOOK)).toBeNull();
    }
  },
);

test('bytes that are not a header are not taken for one', () => {
  const packed = pack({
    nonce: range(12),
    maskedSalt: range(16),
    bits: 2,
    ...SIZES,
    codebook: CODEBOOK,
  }).subarray(28);
  for (const [at, value] of [
    [0, 2],
    [1, 0x22],
    [14, 1],
  ]) {
    const changed = packed.slice();
    changed[at] = value;
    expect(parse(changed, 2, CODEBOOK)).toBeNull();
  }
  expect(parse(new Uint8Array(16), 2, CODEBOOK)).toBeNull();
});

test.each([1, 2, 3] as const)(
  'a tag at %d bits is valid until any sample changes',
  async (bits) => {
    const keys = await exampleKeys();
    const cover = random(3 * 20 * 33, 4);
    const stream = await tileKeystream(keys, 0, cover.length);
    const samples = cover.slice();
    await writeTag(keys, TILE, samples, cover, stream, bits);
    expect(equal(samples.subarray(0, 384), cover.subarray(0, 384))).toBe(true);
    expect(equal(samples.subarray(513), cover.subarray(513))).toBe(true);
    expect(await isIntact(keys, TILE, samples, stream, bits)).toBe(true);
    for (const at of [0, 383, 384, 500, 512, 513, samples.length - 1]) {
      const changed = samples.slice();
      changed[at] += changed[at] < 128 ? 1 : -1;
      expect(await isIntact(keys, TILE, changed, stream, bits), `sample ${at}`).toBe(false);
    }
    expect(await isIntact(keys, { ...TILE, number: 1 }, samples, stream, bits)).toBe(false);
  },
);
