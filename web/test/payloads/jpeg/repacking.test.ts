// JPEG files in fewer bytes: always the same file again. That the bytes are those of Python, the golden
// containers show.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Bytes, bigEndian, concat, equal, utf8 } from '../../../src/core/bytes';
import { PictureError } from '../../../src/core/errors';
import { Damaged } from '../../../src/core/payloads/jpeg/rans';
import { pack, unpack } from '../../../src/core/payloads/jpeg/repacking';
import { BITS, loadTables, TOKENS } from '../../../src/core/payloads/jpeg/tables';
import { random } from '../../support';
import { COMMENT, END, flat, headersOf, INTERVAL, made, segment } from './made';

const ROOT = join(import.meta.dirname, '../../../..');
const MOST = 1 << 20;

function file(path: string): Bytes {
  return new Uint8Array(readFileSync(join(ROOT, path)));
}

/** What a file becomes, having checked that it comes back. */
async function packed(content: Bytes): Promise<Bytes> {
  const bytes = await pack(content);
  if (!bytes) throw new Error('it is not packed');
  expect(equal(await unpack(bytes, MOST), content)).toBe(true);
  return bytes;
}

test.each([
  'web/public/samples/astronaut.jpg',
  'web/public/samples/chelsea.jpg',
  'tests/robust/golden/own.jpg',
  'tests/robust/golden/max-file-saved.jpg',
  'tests/runtime/cases/secret-p3.jpg',
  'tests/runtime/golden/secret-grey.jpg',
])('%s comes back', async (path) => {
  const content = file(path);
  if (content.length < 400) expect(await pack(content)).toBeNull();
  else expect((await packed(content)).length).toBeLessThan(content.length);
});

test('a photograph as people have it saves more than a tenth', async () => {
  const content = file('web/public/samples/coffee.jpg');
  expect((await packed(content)).length).toBeLessThan(0.9 * content.length);
});

test.each([
  { factors: [0x11, 0x11, 0x11], width: 17, height: 31 },
  { factors: [0x22, 0x11, 0x11], width: 61, height: 47 },
  { factors: [0x21, 0x11, 0x11], width: 16, height: 17 },
  { factors: [0x12, 0x11, 0x11], width: 100, height: 1 },
  { factors: [0x41, 0x11, 0x21], width: 1, height: 90 },
  { factors: [0x31, 0x14, 0x22], width: 70, height: 70 },
  { factors: [0x11], width: 90, height: 9 },
  { factors: [0x22], width: 200, height: 300 },
])('$factors of $width x $height come back', async (given) => {
  for (const seed of [1, 2]) await packed(made(given, seed));
});

test.each([1, 3, 100])('codes that start anew after %s units come back', async (units) => {
  const first = segment(INTERVAL, Uint8Array.of(0, units));
  const content = made({ first, width: 70, height: 60, factors: [0x22, 0x11, 0x11] });
  const tail = content.subarray(headersOf({ first, factors: [0x22, 0x11, 0x11] }).length);
  const restarts = tail.filter((byte, at) => byte === 0xff && (tail[at + 1] & 0xf8) === 0xd0);
  expect(restarts.length).toBe(Math.ceil(20 / units) - 1);
  await packed(content);
});

test('a file whose codes start anew is packed as Python packs it', async () => {
  const content = file('tests/runtime/golden/restarts.jpg');
  expect(equal(await packed(content), file('tests/runtime/golden/restarts.packed'))).toBe(true);
});

test('what is around the picture comes back, too', async () => {
  const first = segment(COMMENT, utf8('before'));
  const tail = utf8('\u00ff what a phone adds after the picture');
  const plain = await packed(made());
  const more = await packed(concat(made({ first }), tail));
  expect(more.length).toBe(plain.length + first.length + tail.length);
});

const CODED = made().subarray(headersOf({}).length);

test.each([
  ['a file of 12 bits', concat(headersOf({ precision: 12 }), CODED)],
  ['a progressive file', concat(headersOf({ frame: 0xc2 }), CODED)],
  ['a file of arithmetic codes', concat(headersOf({ frame: 0xc9 }), CODED)],
  [
    'a file that does not start anew where it says',
    concat(headersOf({ first: segment(INTERVAL, Uint8Array.of(0, 4)) }), CODED),
  ],
  ['a file of four components', concat(headersOf({ factors: [0x11, 0x11, 0x11, 0x11] }), CODED)],
  ['a factor of five', concat(headersOf({ factors: [0x15, 0x11, 0x11] }), CODED)],
  ['a factor of none', concat(headersOf({ factors: [0x10, 0x11, 0x11] }), CODED)],
  ['a picture of no height', concat(headersOf({ height: 0 }), CODED)],
  ['a picture larger than its codes', concat(headersOf({ height: 65_535 }), CODED)],
  ['a file without an end', made().subarray(0, -2)],
  ['a file with half an end', made().subarray(0, -1)],
  ['a header', headersOf({})],
  ['a header and an end', concat(headersOf({}), END)],
  ['half a header', made().subarray(0, 100)],
  ['the start of a file', Uint8Array.of(0xff, 0xd8, 0xff)],
  ['nothing', new Uint8Array()],
  ['a PNG file', file('tests/runtime/golden/container-file-1.png')],
])('%s is left as it is', async (_, content) => {
  expect(await pack(content)).toBeNull();
});

test('first coefficients that are far apart are left as they are', async () => {
  const step = 32_767;
  const places = Array.from({ length: 64 }, (_, index) => index);
  const climbing = places.map((index) => step * index);
  expect(await pack(flat(8, climbing))).toBeNull();
  const zigzag = places.map((index) => step * (index % 2));
  await packed(flat(8, zigzag));
});

test('damaged files are left as they are, or come back', async () => {
  const content = file('tests/runtime/golden/secret-colour.jpg');
  const bytes = random(3 * 2 * 200, 3);
  for (let next = 0; next < bytes.length; next += 6) {
    const damaged = content.slice();
    for (let at = next; at < next + 6; at += 3) {
      damaged[(256 * bytes[at] + bytes[at + 1]) % damaged.length] = bytes[at + 2];
    }
    const small = await pack(damaged);
    if (small) expect(equal(await unpack(small, MOST), damaged)).toBe(true);
  }
});

test('what was never packed is refused', async () => {
  const whole = await packed(file('tests/runtime/golden/secret-colour.jpg'));
  const bytes = random(3 * 300, 4);
  let refused = 0;
  for (let next = 0; next < bytes.length; next += 3) {
    const damaged = whole.slice();
    damaged[(256 * bytes[next] + bytes[next + 1]) % damaged.length] = bytes[next + 2];
    // Some bytes say nothing that is checked.
    const error = await unpack(damaged, MOST).then(
      () => null,
      (thrown) => thrown,
    );
    if (error) refused++;
    expect(error === null || error instanceof Damaged || error instanceof PictureError).toBe(true);
  }
  expect(refused).toBeGreaterThan(200);
  const others = [0, 1, 15, 16, 100, whole.length - 1].map((size) => whole.subarray(0, size));
  for (let size = 1; size < 200; size += 20) others.push(random(size, size));
  others.push(new Uint8Array(100), new Uint8Array(100).fill(255));
  others.push(concat(whole, Uint8Array.of(0)), file('web/public/samples/rocket.jpg'));
  for (const content of others) await expect(unpack(content, MOST)).rejects.toThrow(Damaged);
});

test('large pictures are refused before memory is taken for them', async () => {
  const whole = await packed(made({ width: 40, height: 30 }));
  expect((await unpack(whole, 1200)).length).toBeGreaterThan(whole.length);
  await expect(unpack(whole, 1199)).rejects.toThrow('has 40 x 30 pixels, more than the 1,199');
  const headers = headersOf({ width: 65_535, height: 65_535 });
  const huge = concat(bigEndian(headers.length, 4).reverse(), new Uint8Array(12), headers);
  await expect(unpack(huge, 50_000_000)).rejects.toThrow(PictureError);
});

test('probabilities leave nothing out', async () => {
  const { starts, tokens } = await loadTables();
  const shares = starts.subarray(1).map((start, index) => start - starts[index]);
  const rows = tokens.length >> BITS;
  for (let row = 0; row < rows; row++) {
    const own = row * (TOKENS + 1);
    expect(Math.min(...shares.subarray(own, own + TOKENS))).toBeGreaterThan(0);
    expect(starts[own + TOKENS]).toBe(1 << BITS);
  }
  expect(await loadTables()).toBe(await loadTables());
});
