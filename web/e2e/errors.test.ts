// Every failure is explained on the page and loses nothing.

import { readFileSync, writeFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { psnr } from '../src/core/images/metrics';
import { blank, copyRectangle, crop } from '../src/core/images/picture';
import { encodePng } from '../src/core/images/png-encode';
import { launch, type Opened, open } from './browser';
import { download, hide, picture, put, read, reveal } from './page';
import { type Server, serve } from './server';

let server: Server;
let browser: Browser;
let opened: Opened;
let container: string;
let locked: string;

async function write(name: string, content: Blob | string | Uint8Array): Promise<string> {
  const bytes = content instanceof Blob ? new Uint8Array(await content.arrayBuffer()) : content;
  writeFileSync(picture(name), bytes);
  return picture(name);
}

beforeAll(async () => {
  server = await serve(inject('dist'), false);
  browser = await launch();
  opened = await open(browser, server.url);
  const { page } = opened;
  await hide(page, picture('cover.png'), picture('secret.png'), { exact: 'never' });
  container = await download(page, 'hide', 'open.png');
  await hide(page, picture('cover.png'), picture('secret.png'), {
    exact: 'auto',
    passphrase: 'open sesame',
  });
  locked = await download(page, 'hide', 'locked.png');
});

afterAll(async () => {
  expect(opened?.problems).toEqual([]);
  await browser?.close();
  server?.close();
});

test('a wrong passphrase looks the same as a picture with nothing hidden in it', async () => {
  const { page } = opened;
  const wrong = await reveal(page, locked, { passphrase: 'open sesam' });
  expect(wrong).toContain('No hidden picture found, or the passphrase is wrong');
  expect(await reveal(page, picture('cover.png'), { passphrase: 'any' })).toBe(wrong);
  expect(await reveal(page, container, { passphrase: 'any' })).toBe(wrong);
  const none = await reveal(page, locked);
  expect(none).toContain('No hidden picture found, or it needs a passphrase');
  expect(await reveal(page, picture('cover.png'))).toBe(none);
  expect(await page.isVisible('#reveal-result')).toBe(false);
  expect(await reveal(page, locked, { passphrase: 'open sesame' })).toBe('');
});

test('files that are not pictures, or are incomplete, are rejected by name', async () => {
  const { page } = opened;
  const text = await write('notes.png', 'This is a text.');
  const empty = await write('empty.png', '');
  const half = await write('half.png', readFileSync(container).subarray(0, 90_000));
  const halfJpeg = await write(
    'half.jpg',
    readFileSync(picture('photograph.jpg')).subarray(0, 300),
  );
  await page.click('#tab-hide');
  expect(await put(page, 'cover', text)).toMatch(
    /^notes\.png: This is not a supported picture file/,
  );
  expect(await put(page, 'cover', empty)).toMatch(/^empty\.png: The file is empty/);
  expect(await put(page, 'secret', half)).toMatch(/^half\.png: This PNG file is damaged/);
  expect(await put(page, 'secret', halfJpeg)).toMatch(/^half\.jpg: This JPEG file is damaged/);
  await page.click('#hide-form [type=submit]');
  expect(await page.isVisible('#hide-result')).toBe(false);
  expect(await reveal(page, half)).toMatch(/^half\.png: This PNG file is damaged/);
  expect(await reveal(page, text)).toMatch(/^notes\.png: This is not a supported picture file/);
});

test('sizes that cannot be used are rejected', async () => {
  const { page } = opened;
  await hide(page, picture('too-small.png'), picture('secret.png'));
  const said = await page.textContent('#hide-job .error');
  expect(said).toContain('The cover must be at least 16 pixels per side, got 40 x 12.');
  // A secret may be small.
  await hide(page, picture('cover.png'), picture('too-small.png'));
  expect(await page.textContent('#hide-job .error')).toBe('');

  const huge = readFileSync(picture('too-small.png'));
  huge.writeUInt32BE(40_000, 16);
  huge.writeUInt32BE(40_000, 20);
  const tooLarge = await put(page, 'cover', await write('huge.png', huge));
  expect(tooLarge).toContain('1600 megapixels');
  expect(await reveal(page, picture('too-small.png'))).toContain('No hidden picture found');
});

test('files of other formats are rejected with the reason', async () => {
  const { page } = opened;
  expect(await reveal(page, picture('lossy.webp'))).toContain('as WebP changes its pixels');
  expect(await reveal(page, picture('lossless.webp'))).toContain(
    'reads containers only from PNG files',
  );
  expect(await reveal(page, picture('photograph.jpg'))).toContain(
    'Saving a container as JPEG changes its pixels',
  );
});

/** A place in the container, as the index of its red sample. */
function at(x: number, y: number): number {
  return 3 * (y * 613 + x);
}

const NOTHING_LEFT =
  'It was altered after a picture was hidden in it, and none of that can be revealed.';

test('the parts of a code that a damaged tile did not carry are revealed', async () => {
  const { page } = opened;
  const secret = picture('megapixel-secret.png');
  await hide(page, picture('cover.png'), secret, { bits: 1, exact: 'auto' });
  const altered = read(await download(page, 'hide', 'of-parts.png'));
  expect(await reveal(page, picture('of-parts.png'))).toBe('');
  altered.data[at(600, 500)] ^= 1;
  const said = await reveal(page, await write('parts.png', encodePng(altered)));
  expect(said).toMatch(/1 of its 4 tiles .* [1-3] of the 4 parts of the hidden picture are lost/);
  const revealed = read(await download(page, 'reveal', 'revealed-parts.png'));
  const corner = { top: 0, left: 0, width: 500, height: 500 };
  expect(psnr(crop(read(secret), corner), crop(revealed, corner))).toBeGreaterThan(35);
  expect([...revealed.data.subarray(-3)]).toEqual([128, 128, 128]);

  for (const place of [at(100, 100), at(600, 10), at(10, 500)]) altered.data[place] ^= 1;
  expect(await reveal(page, await write('altered.png', encodePng(altered)))).toBe(NOTHING_LEFT);
});

test('of a file, all or nothing is revealed', async () => {
  const { page } = opened;
  // It is spread over all tiles, and a file of which a part is lost is worth nothing.
  await hide(page, picture('cover.png'), picture('lossy.webp'), { bits: 2, exact: 'auto' });
  const altered = read(await download(page, 'hide', 'of-file.png'));
  altered.data[at(600, 500)] ^= 1;
  expect(await reveal(page, await write('no-file.png', encodePng(altered)))).toBe(NOTHING_LEFT);
});

test('the tiles that are left of a cropped container are revealed', async () => {
  const { page } = opened;
  const cut = crop(read(picture('of-parts.png')), { top: 0, left: 0, width: 613, height: 520 });
  const said = await reveal(page, await write('cut.png', encodePng(cut)));
  expect(said).toContain('2 of its 4 tiles are damaged or missing');
  const revealed = read(await download(page, 'reveal', 'of-cut.png'));
  expect([revealed.width, revealed.height]).toEqual([1024, 1024]);
});

test('an enlarged container is revealed completely, with a note', async () => {
  const { page } = opened;
  const original = read(container);
  const { width, height } = original;
  const larger = blank(width + 40, height + 3);
  copyRectangle(original, { top: 0, left: 0, width, height }, larger, 0, 0);
  expect(await reveal(page, await write('larger.png', encodePng(larger)))).toBe('');
  expect(await page.textContent('#reveal-result .note')).toBe(
    'It was enlarged after a picture was hidden in it; the picture is intact.',
  );
  const revealed = read(await download(page, 'reveal', 'of-larger.png'));
  expect(psnr(read(picture('secret.png')), revealed)).toBeGreaterThan(40);
});

test('a secret that does not fit exactly is refused if it has to, with what is needed', async () => {
  const { page } = opened;
  const secret = picture('megapixel-secret.png');
  await hide(page, picture('cover.png'), secret, { bits: 2, exact: 'always' });
  expect(await page.textContent('#hide-job .error')).toMatch(
    /^The secret does not fit exactly: it takes [\d,]+ bytes, and the cover holds [\d,]+ at these/,
  );
  expect(await page.textContent('#hide-forecast')).toMatch(/^The secret does not fit exactly/);
});

test('without pictures nothing happens, and the first missing one is asked for', async () => {
  const { page, problems } = await open(browser, server.url);
  await page.click('#hide-form [type=submit]');
  expect(await page.textContent('#cover-zone .error')).toContain('Choose a picture first');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('cover-zone-file');
  expect(problems).toEqual([]);
});
