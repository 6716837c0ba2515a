// Browsers decode the AVIF, so the end-to-end tests check the rest.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type Bytes, bigEndian, concat } from '../../src/core/bytes';
import { ContainerError, PictureError } from '../../src/core/errors';
import { AVIF, formatOf } from '../../src/core/images/formats';
import { sizeOf } from '../../src/core/images/header';
import { decodePng } from '../../src/core/images/png';
import { decode, parse } from '../../src/core/payloads/compact';
import { find, read } from '../../src/core/schemes/clear/revealing';
import { range, still } from '../support';

const GOLDEN = join(import.meta.dirname, '../../../tests/runtime/golden/container-compact-1.png');

const SIZE = { width: 300, height: 200 };

/** As an encoder makes it of a secret of a size, unless changed. */
function made({ size = SIZE, reduced = 0, quality = 60, stream = still(size) } = {}): Bytes {
  const sides = [bigEndian(size.width, 2), bigEndian(size.height, 2)];
  return concat(Uint8Array.of(reduced, quality), ...sides, Uint8Array.of(0, 0x0c), stream);
}

let golden: Bytes;

beforeAll(async () => {
  const match = await find(decodePng(readFileSync(GOLDEN), 'drop').picture, '');
  if (!match) throw new Error('the golden container is not found');
  golden = (await read(match, () => undefined)).content;
});

afterEach(() => vi.unstubAllGlobals());

test('the file is the one that Python makes, byte for byte', () => {
  const { ownSize, codedSize, file } = parse(golden);
  expect(ownSize).toEqual({ width: 50, height: 40 });
  expect(codedSize).toEqual(ownSize);
  // Of what `runtime.payloads.avif.file_of` returns.
  expect(createHash('sha256').update(file).digest('hex')).toBe(
    'dd768b7baf0caa56b2a4adad4c3f9c326d7a9aa2198e6dfaa4ef1d8b09c31be1',
  );
  expect(formatOf(file)).toBe(AVIF);
  expect(sizeOf(file, AVIF)).toEqual(codedSize);
});

// As `runtime.payloads.compact._size` has it; halves become even numbers.
test.each([
  { own: [300, 200], reduced: 3, coded: [178, 119] },
  { own: [5, 1133], reduced: 4, coded: [2, 566] },
  { own: [7, 3], reduced: 4, coded: [4, 2] },
  { own: [9, 5555], reduced: 31, coded: [1, 26] },
])('$own reduced by $reduced steps is coded at $coded', ({ own, reduced, coded }) => {
  const [size, codedSize] = [own, coded].map(([width, height]) => ({ width, height }));
  const content = made({ size, reduced, stream: still(codedSize) });
  expect(parse(content)).toMatchObject({ ownSize: size, codedSize });
});

test.each([
  ['an empty payload', range(0)],
  ['a head alone', made({ stream: range(0) })],
  ['no width', made({ size: { width: 0, height: 9 }, stream: still({ width: 1, height: 9 }) })],
  ['no height', made({ size: { width: 9, height: 0 }, stream: still({ width: 9, height: 1 }) })],
  ['too many steps', made({ reduced: 32, stream: still({ width: 1, height: 1 }) })],
  ['too high a quality', made({ quality: 101 })],
  ['a stream that is none', made({ stream: range(100) })],
  ['a stream of a larger picture', made({ stream: still({ width: 301, height: 200 }) })],
  ['a stream of a lower picture', made({ stream: still({ width: 300, height: 199 }) })],
])('%s is damaged', (_, content) => {
  expect(() => parse(content)).toThrow(ContainerError);
  expect(() => parse(content)).toThrow('The hidden picture is damaged. It is not shown.');
});

test('what is too large is refused before memory is taken for it', () => {
  const huge = made({ size: { width: 60_000, height: 50_000 } });
  expect(() => parse(huge)).toThrow(PictureError);
  expect(() => parse(huge)).toThrow(/60000 x 50000 pixels, more than the 50,000,000 allowed/);
});

test('a browser that cannot show AVIF says what can', async () => {
  vi.stubGlobal('createImageBitmap', () => Promise.reject(new Error('no decoder')));
  await expect(decode(golden)).rejects.toThrow(
    'The hidden picture is coded as AVIF, which this browser cannot show. Reveal it with the ' +
      'command line program.',
  );
});
