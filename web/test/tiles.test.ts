import { expect, test } from 'vitest';
import { batches, cells } from '../src/core/grid';
import { haloTiles } from '../src/core/halo';
import type { Rectangle } from '../src/core/picture';

/** How often each pixel is in one of the rectangles: once, or the cut is wrong. */
function coverage(height: number, width: number, rectangles: Rectangle[]): Set<number> {
  const times = new Uint8Array(height * width);
  for (const { top, left, height: rows, width: columns } of rectangles) {
    for (let y = top; y < top + rows; y++) {
      for (let x = left; x < left + columns; x++) times[y * width + x]++;
    }
  }
  return new Set(times);
}

test.each([
  [16, 16],
  [17, 513],
  [512, 512],
  [1025, 700],
  [1536, 1537],
])('tiles of %d x %d cover it once, none larger than 512', (height, width) => {
  const tiles = cells(height, width);
  expect(coverage(height, width, tiles)).toEqual(new Set([1]));
  expect(tiles.map((tile) => tile.number)).toEqual(tiles.map((_, index) => index));
  for (const tile of tiles) {
    expect(Math.max(tile.height, tile.width)).toBeLessThanOrEqual(512);
    expect([tile.top % 16, tile.left % 16]).toEqual([0, 0]);
  }
});

test('cuts are those of the format: 513 pixels are 33 quads, so 256 and 257', () => {
  expect(cells(16, 513).map(({ left, width }) => [left, width])).toEqual([
    [0, 256],
    [256, 257],
  ]);
});

test('batches hold every tile once, each of one shape and no larger than asked', () => {
  const tiles = cells(1600, 1700);
  const made = batches(tiles, 3);
  expect(made.flat().sort((a, b) => a.number - b.number)).toEqual(tiles);
  for (const batch of made) {
    expect(batch.length).toBeLessThanOrEqual(3);
    expect(new Set(batch.map(({ height, width }) => `${height}x${width}`)).size).toBe(1);
  }
});

test('tiles with a halo write every pixel once and read beyond what they write', () => {
  const tiles = haloTiles(600, 530, 15, 256);
  expect(
    coverage(
      600,
      530,
      tiles.map(({ write }) => write),
    ),
  ).toEqual(new Set([1]));
  for (const { read, write } of tiles) {
    expect(write.top - read.top).toBe(write.top === 0 ? 0 : 15);
    expect(read.left + read.width).toBe(Math.min(write.left + write.width + 15, 530));
  }
});
