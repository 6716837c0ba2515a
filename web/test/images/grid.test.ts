import { expect, test } from 'vitest';
import { contains, place, tilesOf } from '../../src/core/images/grid';
import { blank, crop } from '../../src/core/images/picture';
import { coverage, randomPicture } from '../support';

test.each([
  [1, 1],
  [16, 16],
  [17, 513],
  [512, 512],
  [1025, 700],
  [1536, 1537],
])('tiles of %d x %d cover every pixel once, and none is larger than 512', (height, width) => {
  const tiles = tilesOf({ height, width });
  expect(coverage(height, width, tiles)).toEqual(new Set([1]));
  expect(tiles.map((tile) => tile.number)).toEqual(tiles.map((_, index) => index));
  for (const tile of tiles) {
    expect(Math.max(tile.height, tile.width)).toBeLessThanOrEqual(512);
    expect([tile.top % 16, tile.left % 16]).toEqual([0, 0]);
  }
});

test('tiles match the file format: 513 pixels are 33 macroblocks, so 256 and 257', () => {
  const columns = tilesOf({ height: 16, width: 513 });
  expect(columns.map(({ left, width }) => [left, width])).toEqual([
    [0, 256],
    [256, 257],
  ]);
});

test('a picture is the tiles that it was cut into', () => {
  const picture = randomPicture(530, 40);
  const again = blank(530, 40);
  for (const tile of tilesOf(picture)) place(crop(picture, tile).data, tile, again);
  expect(Buffer.compare(again.data, picture.data)).toBe(0);
});

test('a picture contains the tiles that lie within it', () => {
  const [first, second] = tilesOf({ height: 16, width: 513 });
  const cropped = blank(512, 16);
  expect([contains(cropped, first), contains(cropped, second)]).toEqual([true, false]);
});
