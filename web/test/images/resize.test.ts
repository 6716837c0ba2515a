import { expect, test } from 'vitest';
import { psnr } from '../../src/core/images/metrics';
import { resize } from '../../src/core/images/resize';
import { randomPicture } from '../support';

test('resizing to the same size returns the picture itself', () => {
  const picture = randomPicture(20, 30);
  expect(resize(picture, 20, 30)).toBe(picture);
});

test.each([
  [7, 5],
  [64, 48],
  [33, 200],
  [1, 1],
])('a uniform picture stays uniform at %d x %d', (width, height) => {
  const data = new Uint8Array(40 * 30 * 3).fill(201);
  const resized = resize({ width: 40, height: 30, data }, width, height);
  expect(resized.data.length).toBe(width * height * 3);
  expect(new Set(resized.data)).toEqual(new Set([201]));
});

test('halving averages', () => {
  const data = Uint8Array.from([0, 100, 200, 40].flatMap((level) => [level, level, level]));
  const resized = resize({ width: 4, height: 1, data }, 2, 1);
  expect([...resized.data]).toEqual([50, 50, 50, 120, 120, 120]);
});

test('enlarging a smooth picture and shrinking it back nearly restores it', () => {
  const data = Uint8Array.from({ length: 48 * 32 * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3);
    return 128 + 100 * Math.sin((pixel % 48) / 8 + (at % 3)) * Math.cos(Math.floor(pixel / 48) / 6);
  });
  const picture = { width: 48, height: 32, data };
  const again = resize(resize(picture, 144, 128), 48, 32);
  expect(psnr(picture, again)).toBeGreaterThan(45);
});
