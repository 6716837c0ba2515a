import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Bytes, bigEndian, concat, utf8 } from '../../src/core/bytes';
import { FORMATS, formatOf, TIFF } from '../../src/core/images/formats';
import { sizeOf } from '../../src/core/images/header';
import { webpOf } from '../../src/core/images/segments';

const JPEG = readFileSync(join(import.meta.dirname, '../../public/samples/coffee.jpg'));

const little = (value: number, size: number) => bigEndian(value, size).reverse();

function bmp(width: number, height: number): Bytes {
  const size = concat(little(width, 4), little(height < 0 ? 2 ** 32 + height : height, 4));
  return concat(utf8('BM'), new Uint8Array(12), little(40, 4), size, new Uint8Array(24));
}

const extended = (width: number, height: number) => ({
  name: 'VP8X',
  data: concat(new Uint8Array(4), little(width - 1, 3), little(height - 1, 3)),
});
const lossless = (width: number, height: number) => ({
  name: 'VP8L',
  data: concat(Uint8Array.of(0x2f), little((width - 1) | ((height - 1) << 14), 4)),
});
const lossy = (width: number, height: number) => ({
  name: 'VP8 ',
  data: concat(new Uint8Array(6), little(width, 2), little(height, 2)),
});

function avif(...sizes: [width: number, height: number][]): Bytes {
  const boxes = sizes.map(([width, height]) =>
    concat(utf8('ispe'), new Uint8Array(4), bigEndian(width, 4), bigEndian(height, 4)),
  );
  return concat(bigEndian(24, 4), utf8('ftypmif1'), new Uint8Array(4), utf8('avif'), ...boxes);
}

function tiff(order: 'II' | 'MM'): Bytes {
  const number = order === 'II' ? little : bigEndian;
  const entry = (tag: number, kind: number, value: Bytes) =>
    concat(number(tag, 2), number(kind, 2), number(1, 4), value, new Uint8Array(4 - value.length));
  const entries = [
    entry(254, 4, number(0, 4)),
    entry(256, 3, number(300, 2)),
    entry(257, 4, number(200, 4)),
  ];
  return concat(utf8(order), number(42, 2), number(8, 4), number(3, 2), ...entries);
}

test.each<[string, Uint8Array, string, number, number]>([
  ['JPEG', JPEG, 'JPEG', 600, 400],
  ['lossy WebP', webpOf([lossy(33, 44)]), 'WebP', 33, 44],
  ['lossless WebP', webpOf([lossless(5000, 16_000)]), 'WebP', 5000, 16_000],
  [
    'WebP of which a part is larger',
    webpOf([extended(70_000, 3), lossless(9, 9)]),
    'WebP',
    70_000,
    3,
  ],
  ['BMP', bmp(70_000, 5), 'BMP', 70_000, 5],
  ['BMP from the top', bmp(7, -500), 'BMP', 7, 500],
  ['AVIF', avif([10, 10], [640, 480], [100, 100]), 'AVIF', 640, 480],
  ['TIFF, little-endian', tiff('II'), 'TIFF', 300, 200],
  ['TIFF, big-endian', tiff('MM'), 'TIFF', 300, 200],
])('the size of a %s is in its header', (_, content, name, width, height) => {
  const format = formatOf(content);
  expect(format?.name).toBe(name);
  expect(format && sizeOf(content, format)).toEqual({ width, height });
});

test('a file that ends within its header has no size', () => {
  const files = [JPEG.subarray(0, 100), bmp(3, 3).subarray(0, 20), tiff('II').subarray(0, 24)];
  for (const content of files) {
    const format = formatOf(content);
    expect(format && sizeOf(content, format)).toBeNull();
  }
  expect(sizeOf(tiff('II').subarray(0, 8), TIFF)).toBeNull();
});

test('each format of the table is recognized before any that it is a kind of', () => {
  expect(formatOf(webpOf([lossless(2, 2)]))?.lossless).toBe(true);
  expect(formatOf(webpOf([lossy(2, 2)]))?.lossless).toBe(false);
  expect(formatOf(utf8('GIF89a'))?.carried).toBe(false);
  expect(formatOf(utf8('this is a text'))).toBeNull();
  expect(FORMATS.filter(({ carried }) => carried).length).toBe(7);
});
