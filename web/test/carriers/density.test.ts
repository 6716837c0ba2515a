import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  bitsPerPixel,
  capacity,
  isValid,
  leastDensity,
  read,
  uniform,
  write,
} from '../../src/core/carriers/density';
import { random } from '../support';

const PIXELS = 1000;

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}

/** Random pixels, and pixels of nothing but white and black samples. */
function covers(bits: number): Uint8Array[] {
  const saturated = random(3 * PIXELS, bits + 20).map((byte) => (byte & 1) * 255);
  return [random(3 * PIXELS, bits), saturated];
}

// Made by `runtime.carriers.density.write` with the same pixels and content.
test.each([
  [1, 76, 'c10807be4350ce0e', '53946dcc48494e7b'],
  [2, 201, '4be490dc737626cf', '71a859cf246f9674'],
  [3, 325, 'ec1145a221fbd126', '9b2062cc0b9ce5fa'],
  [4, 451, '2c1bcbc0e5827ff0', '300752fb2f88478f'],
  [5, 576, 'a5ac73e47cf617ae', '2a86630d9d9c70a8'],
  [6, 701, 'b0f44110f81fe037', '31b32e2bcc6e6574'],
  [7, 826, 'f79ec9409134094f', '3ca97e06c1b45f56'],
  [8, 951, 'a717b1d010adb951', 'c2bcf17636ae7693'],
  [9, 1076, 'd873289c190aac23', '4bb106ed8a32135e'],
])('at most %d bits per pixel, pixels become those of Python', (bits, size, ...expected) => {
  const density = { bits, share: 40_000 };
  expect(capacity(PIXELS, density)).toBe(size);
  for (const [index, pixels] of covers(bits).entries()) {
    const content = random(size, 100 + bits);
    write(pixels, content, density);
    expect(sha256(pixels)).toBe(expected[index]);
    expect(read(pixels, size, density)).toEqual(content);
  }
});

test.each([0, 1, 5, 76, 100, 324])('%d bytes leave the pixels after them alone', (length) => {
  const density = { bits: 3, share: 40_000 };
  const cover = random(3 * PIXELS, 1);
  const pixels = cover.slice();
  const content = random(length, 2);
  write(pixels, content, density);
  expect(read(pixels, length, density)).toEqual(content);
  // Groups of two pixels with six bits, or of four with eight.
  const touched = length <= 228 ? 2 * Math.ceil((8 * length) / 6) : PIXELS;
  expect(pixels.subarray(3 * touched)).toEqual(cover.subarray(3 * touched));
});

test('densities are those that Python chooses', () => {
  const densities = [1, 100, 500, 1500, 1990, 1999].map((length) =>
    leastDensity([1000, 777], length, 9),
  );
  expect(densities).toEqual([
    { bits: 1, share: 525 },
    { bits: 1, share: 29_690 },
    { bits: 3, share: 16_778 },
    { bits: 7, share: 49_427 },
    { bits: 9, share: 62_915 },
    { bits: 9, share: 65_536 },
  ]);
  expect(leastDensity([1000, 777], 2000, 9)).toBeNull();
  expect(leastDensity([1000, 777], 500, 2)).toBeNull();
});

test('a density is valid within its ranges', () => {
  expect(bitsPerPixel({ bits: 3, share: 32_768 })).toBe(2.5);
  expect(isValid(uniform(9))).toBe(true);
  for (const density of [
    uniform(0),
    uniform(10),
    { bits: 1, share: 0 },
    { bits: 1, share: 65_537 },
  ]) {
    expect(isValid(density)).toBe(false);
  }
});
