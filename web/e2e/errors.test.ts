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
  await hide(page, picture('cover.png'), picture('secret.png'));
  container = await download(page, 'hide', 'open.png');
  await hide(page, picture('cover.png'), picture('secret.png'), { passphrase: 'open sesame' });
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
  expect(wrong).toContain('Either the passphrase is wrong, or nothing is hidden');
  expect(await reveal(page, picture('cover.png'), { passphrase: 'any' })).toBe(wrong);
  expect(await reveal(page, container, { passphrase: 'any' })).toBe(wrong);
  const none = await reveal(page, locked);
  expect(none).toContain('Either nothing is hidden in this picture, or it needs a passphrase');
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
  expect(said).toContain('The cover is 40 × 12 pixels. Each side must be at least 16 pixels.');
  // A secret may be small.
  await hide(page, picture('cover.png'), picture('too-small.png'));
  expect(await page.textContent('#hide-job .error')).toBe('');

  const huge = readFileSync(picture('too-small.png'));
  huge.writeUInt32BE(40_000, 16);
  huge.writeUInt32BE(40_000, 20);
  const tooLarge = await put(page, 'cover', await write('huge.png', huge));
  expect(tooLarge).toContain('1600 megapixels');
  expect(await reveal(page, picture('too-small.png'))).toContain('nothing is hidden');
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

test('the intact tiles of an altered container are revealed', async () => {
  const { page } = opened;
  const altered = read(container);
  // There are 2 x 2 tiles, and the last pixel is in the last one.
  altered.data[altered.data.length - 1] ^= 1;
  const path = await write('altered.png', encodePng(altered));
  expect(await reveal(page, path)).toContain('1 of its 4 tiles is damaged or missing');
  const revealed = read(await download(page, 'reveal', 'partly.png'));
  expect([...revealed.data.subarray(-3)]).toEqual([128, 128, 128]);
  const { width } = revealed;
  expect([...revealed.data.subarray(3 * width, 3 * width + 3)]).not.toEqual([128, 128, 128]);

  for (const at of [3 * (10 * 613 + 10), 3 * (10 * 613 + 600), 3 * (500 * 613 + 10)]) {
    altered.data[at] ^= 1;
  }
  const all = await write('all-altered.png', encodePng(altered));
  expect(await reveal(page, all)).toContain('nothing can be revealed');
});

test('the tiles that are left of a cropped container are revealed', async () => {
  const { page } = opened;
  const cut = crop(read(container), { top: 0, left: 0, width: 600, height: 500 });
  const said = await reveal(page, await write('cut.png', encodePng(cut)));
  expect(said).toContain('3 of its 4 tiles are damaged or missing');
  const revealed = read(await download(page, 'reveal', 'of-cut.png'));
  expect([revealed.width, revealed.height]).toEqual([451, 300]);
  const corner = { top: 0, left: 0, width: 200, height: 140 };
  const secret = crop(read(picture('secret.png')), corner);
  expect(psnr(secret, crop(revealed, corner))).toBeGreaterThan(40);

  const right = crop(read(container), { top: 0, left: 0, width: 200, height: 500 });
  const nothing = await reveal(page, await write('right.png', encodePng(right)));
  expect(nothing).toContain('altered, cropped or resized');
});

test('an enlarged container is revealed completely, with a note', async () => {
  const { page } = opened;
  const original = read(container);
  const larger = blank(original.width + 40, original.height + 3);
  copyRectangle(
    original,
    { top: 0, left: 0, width: original.width, height: original.height },
    larger,
    0,
    0,
  );
  expect(await reveal(page, await write('larger.png', encodePng(larger)))).toBe('');
  expect(await page.textContent('#reveal-result .note')).toContain(
    'was enlarged after a picture was hidden in it. The hidden picture is complete',
  );
  const revealed = read(await download(page, 'reveal', 'of-larger.png'));
  expect(psnr(read(picture('secret.png')), revealed)).toBeGreaterThan(40);
});

test('a size that is not verified by a tag is not used', async () => {
  const { page } = opened;
  const altered = read(container);
  // The secret's width is in the header from byte 30 on, whose first bits are in pixel 90.
  altered.data[3 * 91] ^= 1;
  const said = await reveal(page, await write('vouched.png', encodePng(altered)));
  expect(said).toMatch(
    /1 of its 4 tiles is damaged .* original size of the hidden picture is unknown/,
  );
  const revealed = read(await download(page, 'reveal', 'unsized.png'));
  expect([revealed.width, revealed.height]).toEqual([613, 530]);
});

test('without pictures nothing happens, and the first missing one is asked for', async () => {
  const { page, problems } = await open(browser, server.url);
  await page.click('#hide-form [type=submit]');
  expect(await page.textContent('#cover-zone .error')).toContain('Choose a picture first');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('cover-zone-file');
  expect(problems).toEqual([]);
});
