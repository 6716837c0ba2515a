import { encode } from 'fast-png';
import { expect, test } from 'vitest';
import { PictureError } from '../../src/core/errors';
import { formatOf, PNG } from '../../src/core/images/formats';
import { decodePng, encodePng, pngSize } from '../../src/core/images/png';
import { random, randomPicture } from '../support';

async function written(width: number, height: number) {
  const picture = randomPicture(width, height);
  const content = new Uint8Array(await (await encodePng(picture)).arrayBuffer());
  return { picture, content };
}

test.each([
  [1, 1],
  [3, 2],
  [257, 65],
])('%d x %d pixels survive encoding and decoding exactly', async (width, height) => {
  const { picture, content } = await written(width, height);
  expect(formatOf(content)).toBe(PNG);
  expect(pngSize(content)).toEqual({ width, height });
  expect(decodePng(content, 'drop')).toEqual(picture);
});

test('a truncated or changed file is rejected', async () => {
  const { content } = await written(64, 64);
  const changed = content.slice();
  changed[content.length >> 1] ^= 1;
  for (const bad of [content.subarray(0, content.length - 20), content.subarray(0, 60), changed]) {
    expect(() => decodePng(bad, 'drop')).toThrow(PictureError);
  }
});

test('grey, 16-bit, 1-bit and transparent files become 8-bit RGB', () => {
  const size = { width: 5, height: 3 };
  const grey = random(15, 1);
  const fromGrey = decodePng(encode({ ...size, data: grey, channels: 1, depth: 8 }), 'drop');
  expect([...fromGrey.data.subarray(0, 3)]).toEqual([grey[0], grey[0], grey[0]]);

  const deep = Uint16Array.from(random(45, 2), (level) => level * 256 + 77);
  const fromDeep = decodePng(encode({ ...size, data: deep, channels: 3, depth: 16 }), 'drop');
  expect([...fromDeep.data]).toEqual([...random(45, 2)]);

  const rgba = random(60, 3);
  const file = encode({ ...size, data: rgba, channels: 4, depth: 8 });
  expect([...decodePng(file, 'drop').data.subarray(0, 3)]).toEqual([...rgba.subarray(0, 3)]);
  rgba[3] = 0;
  const clear = decodePng(encode({ ...size, data: rgba, channels: 4, depth: 8 }), 'white');
  expect([...clear.data.subarray(0, 3)]).toEqual([255, 255, 255]);

  const bits = Uint8Array.of(0b10100000, 0b01000000, 0b11111000);
  const fromBits = decodePng(encode({ ...size, data: bits, channels: 1, depth: 1 }), 'drop');
  expect(Array.from({ length: 5 }, (_, x) => fromBits.data[3 * x])).toEqual([255, 0, 255, 0, 0]);
});
