import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../../src/core/bytes';
import { keysOf } from '../../../src/core/crypto/keys';
import {
  type Description,
  find,
  pack,
  parse,
  placesOf,
  write,
} from '../../../src/core/schemes/clear/description';
import { random, range } from '../../support';

const EXAMPLE: Description = {
  kind: 'code',
  length: 123_456,
  density: { bits: 5, share: 4321 },
  size: { width: 70_000, height: 300 },
  codeId: Uint8Array.of(0xab, 0xcd),
};

test('a description is packed as Python packs it', () => {
  const packed = pack(EXAMPLE);
  expect(toHex(packed)).toBe('02030001e2400510e001117000012cabcd');
  expect(parse(packed)).toEqual(EXAMPLE);
});

test.each([
  ['another version', 0, '01'],
  ['no kind', 1, '00'],
  ['an unknown kind', 1, '06'],
  ['no content', 2, '00000000'],
  ['no bits', 6, '00'],
  ['too many bits', 6, '0a'],
  ['a width of 15', 9, '00000f'],
  ['no height', 12, '000000'],
])('%s is no description', (_, at, hex) => {
  const changed = pack(EXAMPLE);
  changed.set(fromHex(hex), at);
  expect(parse(changed)).toBeNull();
});

test('it lies in the first 142 pixels of the top left square', () => {
  const places = placesOf(100);
  expect(places.map(([start, end]) => end - start)).toEqual([...Array(8).fill(16), 14]);
  expect(places.map(([start]) => start)).toEqual(Array.from({ length: 9 }, (_, row) => 100 * row));
});

test.each(['', 'correct horse'])(
  'it is found by its passphrase only: "%s"',
  async (passphrase) => {
    const pixels = random(3 * 142, 5);
    const keys = await keysOf(passphrase, range(12), range(16));
    await write(pixels, keys, EXAMPLE);
    const found = await find(pixels, passphrase);
    expect(found?.description).toEqual(EXAMPLE);
    expect(toHex(found?.keys.salt ?? range(1))).toBe(toHex(range(16)));
    expect(await find(pixels, `${passphrase}x`)).toBeNull();
    // A key is derived each time.
    for (const at of passphrase ? [0] : [0, 100, 200, 300, 400, 425]) {
      const changed = pixels.slice();
      changed[at] ^= 1;
      expect(await find(changed, passphrase), `sample ${at}`).toBeNull();
    }
    expect(await find(random(3 * 142, 6), passphrase)).toBeNull();
  },
  30_000,
);
