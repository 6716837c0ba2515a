// Secrets as the files that they are: what is in them, what is taken out, and what is not believed.

import { readFileSync, writeFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { psnr } from '../src/core/images/metrics';
import { launch, type Opened, open } from './browser';
import { download, fact, hide, picture, put, read, reveal } from './page';
import { pythonCompact, pythonHide, pythonHideBytes, pythonReveal, pythonStripped } from './python';
import { type Server, serve } from './server';

let server: Server;
let browser: Browser;
let opened: Opened;

beforeAll(async () => {
  server = await serve(inject('dist'), false);
  browser = await launch();
  opened = await open(browser, server.url);
});

afterAll(async () => {
  expect(opened?.problems).toEqual([]);
  await browser?.close();
  server?.close();
});

const cover = () => picture('cover.png');

test.each([
  ['tagged.jpg', 'EXIF with a location and XMP and comments'],
  ['tagged.png', 'EXIF with a location'],
  ['tagged.webp', 'EXIF with a location and XMP'],
])('the metadata of %s is named, and removed on request, as Python does', async (name, found) => {
  const { page } = opened;
  await hide(page, cover(), picture(name), { strip: false });
  const notes = page.locator('#hide-result .details .note');
  const said = `secret: its file is hidden as it is, with ${found}`;
  expect(await notes.first().textContent()).toBe(`S${said.slice(1)}.`);
  expect(pythonHide(cover(), picture(name), picture('tagged-container.png')).notes).toEqual([said]);

  await hide(page, cover(), picture(name), { strip: true });
  expect(await notes.first().textContent()).not.toContain('its file is hidden as it is');
  const container = await download(page, 'hide', 'stripped-container.png');
  expect(await reveal(page, container)).toBe('');
  const back = await download(page, 'reveal', `stripped-${name}`);
  expect(readFileSync(back).equals(pythonStripped(picture(name)))).toBe(true);
});

test('what the secret will become is said before it is hidden', async () => {
  const { page } = opened;
  const forecast = page.locator('#hide-forecast');
  await hide(page, cover(), picture('photograph.jpg'), { bits: 2, exact: 'auto', strip: false });
  await expect
    .poll(() => forecast.textContent())
    .toBe(
      'The secret will come back bit for bit, as its own file. ' +
        'This takes 72 kB of 244 kB that the cover holds.',
    );
  await page.locator('input[name=exact][value=never]').check({ force: true });
  await expect.poll(() => forecast.textContent()).toMatch(/at about \d\d dB, as a code/);
  await page.selectOption('#hide-model', 'classic');
  await expect.poll(() => forecast.textContent()).toBe('');
  expect(await page.isVisible('#hide-strip')).toBe(false);
  await page.selectOption('#hide-model', 'clear');
  await page.locator('input[name=exact][value=auto]').check({ force: true });
  await put(page, 'secret', picture('large-secret.png'));
  await expect.poll(() => forecast.textContent(), { timeout: 60_000 }).toMatch(/at about \d\d dB/);
});

test.each(['small.avif', 'lossless.webp', 'transparent.png'])(
  'a hidden %s is shown and comes back byte for byte',
  async (name) => {
    const { page } = opened;
    const container = picture('other-format.png');
    expect(pythonHide(cover(), picture(name), container).payload?.kind).toBe('file');
    expect(await reveal(page, container)).toBe('');
    expect(await page.isVisible('#reveal-result canvas')).toBe(true);
    const back = await download(page, 'reveal', `back-${name}`);
    expect(readFileSync(back).equals(readFileSync(picture(name)))).toBe(true);
  },
);

test('a file that the browser cannot show is given for download, with a note', async () => {
  const { page } = opened;
  const container = picture('with-tiff.png');
  pythonHide(cover(), picture('lossless.tiff'), container);
  expect(await reveal(page, container)).toBe('');
  expect(await page.textContent('#reveal-result .note')).toBe('This browser cannot show it.');
  expect(await fact(page, 'reveal', 'Size')).toBe('120 × 80');
  const back = await download(page, 'reveal', 'back.tiff');
  expect(readFileSync(back).equals(readFileSync(picture('lossless.tiff')))).toBe(true);
});

test('a file that other programs could not read is not hidden as it is', async () => {
  const { page } = opened;
  await hide(page, cover(), picture('few-colours.gif'), { bits: 2, exact: 'auto' });
  expect(await fact(page, 'hide', 'Secret')).toBe('bit for bit: a lossless file of its pixels');
  const container = await download(page, 'hide', 'of-gif.png');
  pythonReveal(container, picture('of-gif-revealed.png'));
  expect(read(picture('of-gif-revealed.png'))).toMatchObject({ width: 60, height: 40 });
});

test('a secret with a colour profile is coded in sRGB, as Python does', async () => {
  const { page } = opened;
  const bits = 3;
  await hide(page, cover(), picture('wide.png'), { bits, exact: 'never' });
  const containers = [await download(page, 'hide', 'wide-1.png'), picture('wide-2.png')];
  pythonHide(cover(), picture('wide.png'), containers[1], { bits, exact: 'never' });
  const [here, there] = containers.map((container, index) => {
    pythonReveal(container, picture(`wide-revealed-${index}.png`));
    return read(picture(`wide-revealed-${index}.png`));
  });
  expect(psnr(here, there)).toBeGreaterThan(40);
});

test('a hidden file that is no whole picture is neither shown nor offered', async () => {
  const { page } = opened;
  const photograph = readFileSync(picture('photograph.jpg'));
  const huge = readFileSync(picture('too-small.png'));
  huge.writeUInt32BE(60_000, 16);
  huge.writeUInt32BE(60_000, 20);
  const notPicture =
    'The hidden file is not a picture of a supported format, or is damaged (PNG, JPEG, WebP, ' +
    'AVIF, BMP and TIFF are read). It is not shown.';
  const cases: [Uint8Array, string][] = [
    [Buffer.from('<script>alert(1)</script>'), notPicture],
    [readFileSync(picture('few-colours.gif')), notPicture],
    [
      photograph.subarray(0, 20_000),
      'The hidden file is a damaged or truncated JPEG file. It is not shown.',
    ],
    [huge, 'The hidden picture has 60000 x 60000 pixels, more than the 50,000,000 allowed.'],
  ];
  for (const [content, expected] of cases) {
    const container = picture('hostile.png');
    writeFileSync(container, '');
    pythonHideBytes(cover(), content, container);
    expect(await reveal(page, container)).toContain(expected);
    expect(await page.isVisible('#reveal-result')).toBe(false);
  }
});

test('a file that was never packed is neither shown nor offered', async () => {
  const { page } = opened;
  const container = picture('never-packed.png');
  for (const content of [Buffer.from('nothing'), readFileSync(picture('photograph.jpg'))]) {
    pythonHideBytes(cover(), content, container, 'repacked');
    expect(await reveal(page, container)).toBe(
      'The hidden file is a damaged or truncated JPEG file. It is not shown.',
    );
    expect(await page.isVisible('#reveal-result')).toBe(false);
  }
});

test('a compact picture that is damaged, or of another size, is not shown', async () => {
  const { page } = opened;
  const container = picture('compact.png');
  const whole = pythonCompact(picture('small-secret.png'), 2000);
  pythonHideBytes(cover(), whole, container, 'compact');
  expect(await reveal(page, container)).toBe('');
  expect(await fact(page, 'reveal', 'Size')).toBe('200 × 150');

  const otherSize = Buffer.from(whole);
  otherSize[0] += 4;
  for (const content of [whole.subarray(0, 8), whole.subarray(0, 60), otherSize]) {
    pythonHideBytes(cover(), content, container, 'compact');
    expect(await reveal(page, container)).toBe('The hidden picture is damaged. It is not shown.');
    expect(await page.isVisible('#reveal-result')).toBe(false);
  }
});
