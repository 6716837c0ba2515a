import { expect, test } from 'vitest';
import { batches, tilesOf } from '../../../src/core/schemes/clear/tiles';
import { coverage } from '../../support';

test.each([
  [16, 16],
  [17, 513],
  [512, 512],
  [1025, 700],
  [1536, 1537],
])('tiles of %d x %d cover every pixel once, and none is larger than 512', (height, width) => {
  const tiles = tilesOf(height, width);
  expect(coverage(height, width, tiles)).toEqual(new Set([1]));
  expect(tiles.map((tile) => tile.number)).toEqual(tiles.map((_, index) => index));
  for (const tile of tiles) {
    expect(Math.max(tile.height, tile.width)).toBeLessThanOrEqual(512);
    expect([tile.top % 16, tile.left % 16]).toEqual([0, 0]);
  }
});

test('tiles match the file format: 513 pixels are 33 macroblocks, so 256 and 257', () => {
  expect(tilesOf(16, 513).map(({ left, width }) => [left, width])).toEqual([
    [0, 256],
    [256, 257],
  ]);
});

test('batches have every tile once, each batch of one size and within the limit', () => {
  const tiles = tilesOf(1600, 1700);
  const all = batches(tiles, 3);
  expect(all.flat().sort((a, b) => a.number - b.number)).toEqual(tiles);
  for (const batch of all) {
    expect(batch.length).toBeLessThanOrEqual(3);
    expect(new Set(batch.map(({ height, width }) => `${height}x${width}`)).size).toBe(1);
  }
});
