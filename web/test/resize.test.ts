import { expect, test } from 'vitest';
import { psnr } from '../src/core/picture';
import { resize } from '../src/core/resize';
import { randomPicture } from './support';

test('a size of its own leaves a picture as it is', () => {
  const picture = randomPicture(20, 30);
  expect(resize(picture, 20, 30)).toBe(picture);
});

test.each([
  [7, 5],
  [64, 48],
  [33, 200],
  [1, 1],
])('an even picture stays even at %d x %d', (width, height) => {
  const data = new Uint8Array(40 * 30 * 3).fill(201);
  const made = resize({ width: 40, height: 30, data }, width, height);
  expect(made.data.length).toBe(width * height * 3);
  expect(new Set(made.data)).toEqual(new Set([201]));
});

test('halving averages', () => {
  const data = Uint8Array.from([0, 100, 200, 40].flatMap((level) => [level, level, level]));
  const made = resize({ width: 4, height: 1, data }, 2, 1);
  expect([...made.data]).toEqual([50, 50, 50, 120, 120, 120]);
});

test('a smooth picture grows and shrinks back to itself, nearly', () => {
  const data = Uint8Array.from({ length: 48 * 32 * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3);
    return 128 + 100 * Math.sin((pixel % 48) / 8 + (at % 3)) * Math.cos(Math.floor(pixel / 48) / 6);
  });
  const picture = { width: 48, height: 32, data };
  const again = resize(resize(picture, 144, 128), 48, 32);
  expect(psnr(picture, again)).toBeGreaterThan(45);
});
