// Payloads written into covers and read from them, and what is noticed of changes.

import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { capacity, type Density, uniform } from '../../../src/core/carriers/density';
import { keysOf } from '../../../src/core/crypto/keys';
import { tilesOf } from '../../../src/core/images/grid';
import { blank, copyRectangle, crop, type Picture } from '../../../src/core/images/picture';
import type { Kind } from '../../../src/core/payloads/payload';
import { room } from '../../../src/core/schemes/clear/choice';
import { densityFor, embed } from '../../../src/core/schemes/clear/hiding';
import { type Content, find, read } from '../../../src/core/schemes/clear/revealing';
import { freePixels } from '../../../src/core/schemes/clear/tile';
import { random, randomPicture, range } from '../../support';

const NO_CODE = new Uint8Array(2);
const ignore = () => undefined;

async function hidden(
  cover: Picture,
  content: Uint8Array<ArrayBuffer>,
  density: Density,
  { kind = 'file' as Kind, codeId = NO_CODE, passphrase = '' } = {},
): Promise<Picture> {
  const keys = await keysOf(
    passphrase,
    range(12),
    range(16).map((byte) => byte + 100),
  );
  return embed(cover, { kind, content }, density, keys, codeId, ignore);
}

async function revealed(container: Picture, passphrase = ''): Promise<Content | null> {
  const match = await find(container, passphrase);
  return match && read(match, ignore);
}

function sha256({ data }: Picture): string {
  return createHash('sha256').update(data).digest('hex').slice(0, 32);
}

// Made by `runtime.schemes.clear.hiding.embed` with the same keys and content.
test.each([
  {
    passphrase: '',
    hashes: [
      '6dcda1406beabe6e8860c90d8f27d04e',
      'bd21caca95e6fd99813e3b1b5e500a57',
      '4911b4eefe483877a1f58698ef931360',
    ],
  },
  {
    passphrase: 'Gr\u00fc\u00dfe',
    hashes: [
      '43ff85a46136669f13863664aff4f608',
      'e565db2f0f511548207166278896a46b',
      '592dfd84002f4b108d3f676eaa345f95',
    ],
  },
])(
  'containers are those of Python, passphrase "$passphrase"',
  async ({ passphrase, hashes }) => {
    const cases = [
      { kind: 'file', density: { bits: 1, share: 65_536 }, width: 16, height: 16, size: 4 },
      { kind: 'pixels', density: { bits: 3, share: 50_000 }, width: 33, height: 40, size: 300 },
      { kind: 'code', density: { bits: 9, share: 30_000 }, width: 40, height: 530, size: 21_000 },
    ] as const;
    for (const [index, { kind, density, width, height, size }] of cases.entries()) {
      const codeId = kind === 'code' ? Uint8Array.of(0xab, 0xcd) : NO_CODE;
      const content = random(size, 8);
      const given = { kind, codeId, passphrase };
      const container = await hidden(randomPicture(width, height, 7), content, density, given);
      expect(sha256(container)).toBe(hashes[index]);
      const match = await find(container, passphrase);
      expect(match?.description).toMatchObject({ kind, density, size: { width, height }, codeId });
      const found = await revealed(container, passphrase);
      expect(found).toMatchObject({ lost: [], damaged: 0 });
      expect(Buffer.compare(found?.content ?? range(0), content)).toBe(0);
    }
  },
  30_000,
);

test.each([1, 2, 3])('a cover of 16 x 16 pixels holds what it says at %d bits', async (bits) => {
  const cover = randomPicture(16, 16, bits);
  const content = random(room(cover, bits), 1);
  const density = densityFor(cover, content.length, bits);
  const found = await revealed(await hidden(cover, content, density));
  expect(found?.content).toEqual(content);
});

test('every change of a sample is noticed', async () => {
  const container = await hidden(randomPicture(20, 17), random(40, 1), uniform(4));
  for (let at = 0; at < container.data.length; at += 7) {
    const data = container.data.slice();
    data[at] += data[at] < 255 ? 1 : -1;
    const found = await revealed({ ...container, data });
    // A changed description is not found at all.
    if (found) expect(found.damaged, `sample ${at}`).toBe(1);
  }
});

test('tiles that were exchanged, moved or cut off are noticed, and only they are lost', async () => {
  const size = { width: 1040, height: 20 };
  const cover = randomPicture(size.width, size.height);
  const tiles = tilesOf(size);
  const content = random(room(cover, 1), 2);
  const density = uniform(3);
  const container = await hidden(cover, content, density);
  const ends = tiles.map((_, index) =>
    tiles.slice(0, index + 1).reduce((sum, tile) => sum + capacity(freePixels(tile), density), 0),
  );
  expect(ends.at(-1)).toBe(content.length);
  const third = [ends[1], ends[2]];

  const exchanged = { ...container, data: container.data.slice() };
  const [, second, last] = tiles;
  const alike = { ...second, width: Math.min(second.width, last.width) };
  copyRectangle(container, { ...alike, left: second.left }, exchanged, 0, last.left);
  const found = await revealed(exchanged);
  expect(found).toMatchObject({ damaged: 1, tiles: 3, lost: [third] });
  expect(found?.content.subarray(0, ends[1])).toEqual(content.subarray(0, ends[1]));

  const cut = crop(container, { ...size, top: 0, left: 0, width: last.left + 3 });
  expect(await revealed(cut)).toMatchObject({ damaged: 1, tiles: 3, lost: [third] });

  const other = await hidden(randomPicture(size.width, size.height, 9), content, density);
  copyRectangle(other, last, exchanged, 0, last.left);
  expect(await revealed(exchanged)).not.toBeNull();

  const larger = blank(1041, 30);
  copyRectangle(container, { ...size, top: 0, left: 0 }, larger, 0, 0);
  expect(await revealed(larger)).toMatchObject({ damaged: 0, lost: [] });
});

test('a container of which almost nothing is left is not read', async () => {
  const container = await hidden(randomPicture(600, 400), random(10, 3), uniform(1));
  const some = crop(container, { top: 0, left: 0, width: 150, height: 101 });
  expect(await revealed(some)).toMatchObject({ damaged: 2, tiles: 2 });
  const little = crop(container, { top: 0, left: 0, width: 150, height: 99 });
  await expect(revealed(little)).rejects.toThrow(/none of that can be revealed/);
});

test('damage after the end of the payload loses nothing', async () => {
  const container = await hidden(randomPicture(600, 20), random(10, 3), uniform(1));
  container.data[container.data.length - 400] ^= 4;
  expect(await revealed(container)).toMatchObject({ damaged: 1, tiles: 2, lost: [] });
});
