import { expect, test } from 'vitest';
import { equal, toHex } from '../src/core/bytes';
import { cells } from '../src/core/grid';
import { HEADER_SAMPLE, HEADER_SIZE, pack, parse, readBytes } from '../src/core/header';
import { type FileKeys, fileKeys, masterKey, padOf } from '../src/core/keys';
import { type Bits, nearest, residues } from '../src/core/lattice';
import { isWhole, writeTag } from '../src/core/tag';
import { random, range } from './support';

const SIZES = { secret: { width: 451, height: 300 }, container: { width: 70_000, height: 16 } };
const CODE = Uint8Array.of(0xab, 0xcd);
const [TILE] = cells(20, 33);

async function keys(): Promise<FileKeys> {
  return fileKeys(await masterKey('', range(16)), range(12), range(16));
}

/** What the hide graph does of it: the header's bits in the lowest bits of the symbols. */
function write(samples: Uint8Array, header: Uint8Array, pad: Uint8Array, bits: Bits): void {
  const wanted = residues(samples, bits);
  for (let bit = 0; bit < 8 * HEADER_SIZE; bit++) {
    const sample = HEADER_SAMPLE + bit;
    const symbol = ((header[bit >> 3] >> (7 - (bit & 7))) ^ pad[sample]) & 1;
    const pixel = Math.floor(sample / 3);
    wanted[pixel] = (wanted[pixel] & ~(1 << (sample % 3))) | (symbol << (sample % 3));
  }
  for (const [pixel, residue] of wanted.slice(0, 171).entries()) {
    samples.set(nearest(samples.subarray(3 * pixel, 3 * pixel + 3), residue, bits), 3 * pixel);
  }
}

test.each([1, 2, 3] as const)(
  'a header written at %d bits is read, and no other payload',
  (bits) => {
    const packed = pack({ nonce: range(12), maskedSalt: range(16), bits, ...SIZES, code: CODE });
    expect(packed.length).toBe(HEADER_SIZE);
    const samples = random(3 * 20 * 33, 9);
    const pad = random(samples.length, 10);
    write(samples, packed, pad, bits);
    const found = readBytes(samples, bits, pad, 0, HEADER_SIZE);
    expect(toHex(found)).toBe(toHex(packed));
    expect(parse(found.subarray(28), bits, CODE)).toEqual(SIZES);
    for (const other of [1, 2, 3] as const) {
      if (other !== bits) expect(parse(found.subarray(28), other, CODE)).toBeNull();
    }
  },
);

test('bytes that are no header are none', () => {
  const packed = pack({
    nonce: range(12),
    maskedSalt: range(16),
    bits: 2,
    ...SIZES,
    code: CODE,
  }).subarray(28);
  for (const [at, value] of [
    [0, 2],
    [1, 0x22],
    [14, 1],
  ]) {
    const changed = packed.slice();
    changed[at] = value;
    expect(parse(changed, 2, CODE)).toBeNull();
  }
  expect(parse(new Uint8Array(16), 2, CODE)).toBeNull();
});

test.each([1, 2, 3] as const)('a tag at %d bits holds until any sample changes', async (bits) => {
  const file = await keys();
  const cover = random(3 * 20 * 33, 4);
  const pad = await padOf(file, 0, cover.length);
  const samples = cover.slice();
  await writeTag(file, TILE, samples, cover, pad, bits);
  expect(equal(samples.subarray(0, 384), cover.subarray(0, 384))).toBe(true);
  expect(equal(samples.subarray(513), cover.subarray(513))).toBe(true);
  expect(await isWhole(file, TILE, samples, pad, bits)).toBe(true);
  for (const at of [0, 383, 384, 500, 512, 513, samples.length - 1]) {
    const changed = samples.slice();
    changed[at] += changed[at] < 128 ? 1 : -1;
    expect(await isWhole(file, TILE, changed, pad, bits), `sample ${at}`).toBe(false);
  }
  expect(await isWhole(file, { ...TILE, number: 1 }, samples, pad, bits)).toBe(false);
});
