import { expect, test } from 'vitest';
import { haloTiles } from '../../../src/core/schemes/classic/tiles';
import { coverage } from '../../support';

test('every pixel is written once, and tiles are read with their surroundings', () => {
  const tiles = haloTiles(600, 530, 15, 256);
  const written = tiles.map(({ write }) => write);
  expect(coverage(600, 530, written)).toEqual(new Set([1]));
  for (const { read, write } of tiles) {
    expect(write.top - read.top).toBe(write.top === 0 ? 0 : 15);
    expect(read.left + read.width).toBe(Math.min(write.left + write.width + 15, 530));
  }
});
