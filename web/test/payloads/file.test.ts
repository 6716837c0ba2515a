// Where there is no encoder for WebP, as in Node.js; the end-to-end tests have one.

import { expect, test } from 'vitest';
import { PNG } from '../../src/core/images/formats';
import type { Image } from '../../src/core/images/image';
import { blank, type Picture } from '../../src/core/images/picture';
import { decodePng } from '../../src/core/images/png';
import { pixelsFile } from '../../src/core/payloads/file';
import { randomPicture } from '../support';

function image(picture: Picture, plain = true): Image {
  return { picture, plain, format: PNG, content: null };
}

test('the pixels become a PNG file, if that fits', async () => {
  const picture = randomPicture(40, 30);
  const content = await pixelsFile(image(picture), 10_000);
  expect(content && decodePng(content, 'drop').picture).toEqual(picture);
  const size = content?.length ?? 0;
  expect(await pixelsFile(image(picture), size)).toEqual(content);
  expect(await pixelsFile(image(picture), size - 1)).toBeNull();
});

test('transparent pictures and those of more bits are not all in such a file', async () => {
  expect(await pixelsFile(image(blank(40, 30), false), 10_000)).toBeNull();
});

test('a large picture is tried only if some parts of it are small', async () => {
  const even = blank(900, 800);
  expect((await pixelsFile(image(even), 100_000))?.length).toBeLessThan(100_000);
  // Black, but for noise in the middle, where a part is looked at.
  const mixed = blank(900, 800);
  const noise = randomPicture(900, 200).data;
  mixed.data.set(noise, 3 * 900 * 300);
  expect(await pixelsFile(image(mixed), 10_000)).toBeNull();
});
