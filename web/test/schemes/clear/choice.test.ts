// Which exact payload a secret becomes.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PictureError } from '../../../src/core/errors';
import { JPEG } from '../../../src/core/images/formats';
import type { Image } from '../../../src/core/images/image';
import { blank } from '../../../src/core/images/picture';
import { exactPayload } from '../../../src/core/schemes/clear/choice';

const GOLDEN = join(import.meta.dirname, '../../../../tests/runtime/golden');
const CONTENT = new Uint8Array(readFileSync(join(GOLDEN, 'secret-colour.jpg')));

function secret(plain: boolean): Image {
  return { picture: blank(80, 64), plain, format: JPEG, content: CONTENT };
}

test('the file as it is, then in fewer bytes, then the pixels, whichever fits first', async () => {
  const all = secret(true);
  const whole = CONTENT.length;
  expect(await exactPayload(all, whole, 'auto')).toMatchObject({ kind: 'file', content: CONTENT });
  const repacked = await exactPayload(all, whole - 1, 'auto');
  expect(repacked).toMatchObject({ kind: 'repacked', codedSize: null, psnr: null });
  const size = repacked?.content.length ?? 0;
  expect(size).toBeLessThan(whole);
  expect(await exactPayload(all, size, 'always')).toEqual(repacked);
  expect(await exactPayload(all, size - 1, 'auto')).toMatchObject({ kind: 'pixels' });
  expect(await exactPayload(all, whole, 'never')).toBeNull();
});

test('what a secret needs is said of the file in fewer bytes', async () => {
  const own = secret(false);
  const size = (await exactPayload(own, CONTENT.length - 1, 'auto'))?.content.length ?? 0;
  expect(await exactPayload(own, size - 1, 'auto')).toBeNull();
  const needed = exactPayload(own, 100, 'always');
  await expect(needed).rejects.toThrow(PictureError);
  await expect(needed).rejects.toThrow(`it takes ${size.toLocaleString('en')} bytes`);
});
