// Where there is no encoder for WebP, as in Node.js; the end-to-end tests have one.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ContainerError } from '../../src/core/errors';
import { PNG } from '../../src/core/images/formats';
import type { Image } from '../../src/core/images/image';
import { blank, type Picture } from '../../src/core/images/picture';
import { decodePng } from '../../src/core/images/png';
import { pixelsFile, repackedFile, unpackedFile } from '../../src/core/payloads/file';
import { random, randomPicture } from '../support';

const SECRET = join(import.meta.dirname, '../../../tests/runtime/golden/secret-colour.jpg');

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

test('a JPEG file becomes smaller, if it then fits', async () => {
  const content = new Uint8Array(readFileSync(SECRET));
  const packed = await repackedFile(content, content.length);
  const size = packed?.length ?? 0;
  expect(size).toBeGreaterThan(0.75 * content.length);
  expect(size).toBeLessThan(content.length);
  expect(await repackedFile(content.slice(), size)).toEqual(packed);
  expect(await repackedFile(content, size - 1)).toBeNull();
  expect(await repackedFile(content, Math.floor(0.7 * content.length))).toBeNull();
  expect(await unpackedFile(packed ?? content)).toEqual(content);
  expect(await repackedFile(random(1000, 1), 1000)).toBeNull();
});

test('what was never packed is called a damaged file', async () => {
  await expect(unpackedFile(random(1000, 1))).rejects.toThrow(ContainerError);
  await expect(unpackedFile(random(1000, 1))).rejects.toThrow(
    'The hidden file is a damaged or truncated JPEG file. It is not shown.',
  );
});
