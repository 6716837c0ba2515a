import { createHash } from 'node:crypto';
import { encode } from 'fast-png';
import { expect, test } from 'vitest';
import { bigEndian, concat, utf8 } from '../../src/core/bytes';
import { PictureError } from '../../src/core/errors';
import { formatOf, PNG } from '../../src/core/images/formats';
import { sizeOf } from '../../src/core/images/header';
import { blank } from '../../src/core/images/picture';
import { decodePng } from '../../src/core/images/png';
import { encodePng } from '../../src/core/images/png-encode';
import { random, randomPicture } from '../support';

async function written(width: number, height: number) {
  const picture = randomPicture(width, height);
  const content = new Uint8Array(await encodePng(picture).arrayBuffer());
  return { picture, content };
}

test.each([
  [1, 1],
  [3, 2],
  [257, 65],
])('%d x %d pixels survive encoding and decoding exactly', async (width, height) => {
  const { picture, content } = await written(width, height);
  expect(formatOf(content)).toBe(PNG);
  expect(sizeOf(content, PNG)).toEqual({ width, height });
  expect(decodePng(content, 'drop')).toEqual({ picture, opaque: true, depth: 8 });
});

// Made by `cv2.imencode('.png', picture)` of OpenCV 5.0 in Python. The end-to-end tests compare whole
// containers.
test.each([
  [1, 1, 'a4891681343bb30ed2e7dd2d4270474be4a8a7448e0d7f54e5f563226e297740'],
  [1, 40, 'fe70cc796f1de4a69169385925edefbee44fd98bc2fb29d13b6748c79cc521c6'],
  [40, 1, '857f2e8f5f28f21cb4cceecbecdb9206ab1acb41a2c7e20f20a606e74aa00d66'],
  [16, 16, '28437c0f512c55f33d3f37d08e83dd3d1e1809fd024473cbca1b3f8933883591'],
  [60, 70, '026fcf0ed2ffacc4151bdbbc61e9a12f7c4b38def18c903fc0974d06dea49369'],
  [73, 74, '5beca061ae82d51efdb9ff5199efe0264145ac82950627514755e70c55b9f5b5'],
  [400, 300, 'd7e4037a65df0427d67f883b9790afca55726f6a40a0e72ab06a1aa71749d817'],
])('%d x %d pixels are encoded as OpenCV encodes them', async (width, height, sha256) => {
  const picture = blank(width, height);
  for (let i = 0; i < picture.data.length; i++) picture.data[i] = i * i * 7 + (i >> 3);
  const content = new Uint8Array(await encodePng(picture).arrayBuffer());
  expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
});

test('a large picture is encoded in strips, without a seam', async () => {
  const { picture, content } = await written(1200, 700);
  // Compared by Buffer, as `toEqual` takes seconds for millions of numbers.
  expect(Buffer.compare(decodePng(content, 'drop').picture.data, picture.data)).toBe(0);
});

test('a truncated or changed file is rejected', async () => {
  const { content } = await written(64, 64);
  const changed = content.slice();
  changed[content.length >> 1] ^= 1;
  for (const bad of [content.subarray(0, content.length - 20), content.subarray(0, 60), changed]) {
    expect(() => decodePng(bad, 'drop')).toThrow(PictureError);
  }
});

test('damage in what no decoder needs does not matter', async () => {
  const { picture, content } = await written(20, 10);
  const text = concat(bigEndian(4, 4), utf8('tEXtabcd'), bigEndian(0, 4));
  const more = concat(content.subarray(0, 33), text, content.subarray(33));
  expect(decodePng(more, 'drop').picture).toEqual(picture);
});

test('grey, 16-bit, 1-bit and transparent files become 8-bit RGB', () => {
  const size = { width: 5, height: 3 };
  const grey = random(15, 1);
  const fromGrey = decodePng(encode({ ...size, data: grey, channels: 1, depth: 8 }), 'drop');
  expect([...fromGrey.picture.data.subarray(0, 3)]).toEqual([grey[0], grey[0], grey[0]]);

  const deep = Uint16Array.from(random(45, 2), (level) => level * 256 + 77);
  const fromDeep = decodePng(encode({ ...size, data: deep, channels: 3, depth: 16 }), 'drop');
  expect(fromDeep.depth).toBe(16);
  expect([...fromDeep.picture.data]).toEqual([...random(45, 2)]);

  const rgba = random(60, 3);
  const file = encode({ ...size, data: rgba, channels: 4, depth: 8 });
  expect([...decodePng(file, 'drop').picture.data.subarray(0, 3)]).toEqual([
    ...rgba.subarray(0, 3),
  ]);
  rgba[3] = 0;
  const clear = decodePng(encode({ ...size, data: rgba, channels: 4, depth: 8 }), 'white');
  expect(clear.opaque).toBe(false);
  expect([...clear.picture.data.subarray(0, 3)]).toEqual([255, 255, 255]);

  const bits = Uint8Array.of(0b10100000, 0b01000000, 0b11111000);
  const fromBits = decodePng(encode({ ...size, data: bits, channels: 1, depth: 1 }), 'drop');
  expect(Array.from({ length: 5 }, (_, x) => fromBits.picture.data[3 * x])).toEqual([
    255, 0, 255, 0, 0,
  ]);
});
