// The page and the Python package reveal each other's containers.

import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { psnr } from '../src/core/images/metrics';
import { launch, type Opened, open } from './browser';
import { apart, download, hide, picture, read, reveal } from './page';
import { openCvCopy, pythonHide, pythonReveal } from './python';
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
  await browser?.close();
  server?.close();
});

// The graphs end in floating point, which may round differently on another machine.
function expectAlike(one: string, other: string): void {
  const { most, share } = apart(read(one), read(other));
  expect(most).toBeLessThanOrEqual(1);
  expect(share).toBeLessThan(1e-3);
}

test.each([
  { bits: 1, passphrase: '', cover: 49, revealed: 34 },
  { bits: 2, passphrase: 'correct horse', cover: 44, revealed: 40 },
  { bits: 3, passphrase: 'Grüße 🗝', cover: 38, revealed: 42 },
])('Python reveals what the page hid at $bits bits, passphrase "$passphrase"', async (expected) => {
  const { page, problems } = opened;
  const { bits, passphrase } = expected;
  await hide(page, picture('cover.png'), picture('secret.png'), { bits, passphrase });
  const container = await download(page, 'hide', `from-page-${bits}.png`);
  expect(psnr(read(picture('cover.png')), read(container))).toBeGreaterThan(expected.cover);

  const revealed = picture(`by-python-${bits}.png`);
  pythonReveal(container, revealed, { passphrase });
  expect(psnr(read(picture('secret.png')), read(revealed))).toBeGreaterThan(expected.revealed);

  expect(await reveal(page, container, { passphrase })).toBe('');
  const here = await download(page, 'reveal', `by-page-${bits}.png`);
  expect(psnr(read(revealed), read(here))).toBeGreaterThan(45);
  expect(problems).toEqual([]);
});

test('files look as OpenCV writes them, byte for byte', async () => {
  const { page } = opened;
  const copy = picture('written-by-opencv.png');
  await hide(page, picture('cover.png'), picture('secret.png'), { passphrase: 'a' });
  const container = await download(page, 'hide', 'written-by-page.png');
  openCvCopy(container, copy);
  expect(readFileSync(container).equals(readFileSync(copy))).toBe(true);
  expect(await reveal(page, container, { passphrase: 'a' })).toBe('');
  const revealed = await download(page, 'reveal', 'revealed-by-page.png');
  openCvCopy(revealed, copy);
  expect(readFileSync(revealed).equals(readFileSync(copy))).toBe(true);
});

test.each([
  { bits: 1, passphrase: 'Caf\u00e9', typed: 'Cafe\u0301' },
  { bits: 2, passphrase: '', typed: '' },
  { bits: 3, passphrase: 'x', typed: 'x' },
])('the page reveals what Python hid at $bits bits, passphrase "$passphrase"', async (given) => {
  const { page, problems } = opened;
  const { bits, passphrase, typed } = given;
  const container = picture(`from-python-${bits}.png`);
  // Both have the same size, so that nothing is resized and all samples can be compared.
  pythonHide(picture('megapixel-cover.png'), picture('megapixel-secret.png'), container, {
    bits,
    passphrase,
  });
  const byPython = picture(`python-${bits}.png`);
  pythonReveal(container, byPython, { passphrase });
  expect(await reveal(page, container, { passphrase: typed })).toBe('');
  expectAlike(byPython, await download(page, 'reveal', `page-${bits}.png`));
  expect(problems).toEqual([]);
});

test('classic in the page is classic in Python', async () => {
  const { page, problems } = opened;
  const [cover, secret] = [picture('small-cover.png'), picture('small-secret.png')];
  const seconds = await hide(page, cover, secret, { model: 'classic' });
  console.log(`classic hides 200 x 150 pixels in ${seconds} s, one thread`);
  const container = await download(page, 'hide', 'classic-page.png');
  pythonHide(cover, secret, picture('classic-python.png'), { model: 'classic' });
  expectAlike(container, picture('classic-python.png'));

  expect(await reveal(page, container, { model: 'classic' })).toBe('');
  const revealed = await download(page, 'reveal', 'classic-page-revealed.png');
  pythonReveal(container, picture('classic-python-revealed.png'), { model: 'classic' });
  expectAlike(revealed, picture('classic-python-revealed.png'));
  expect(psnr(read(secret), read(revealed))).toBeGreaterThan(28);
  expect(problems).toEqual([]);
});

test.each([
  ['turned.jpg', 'upright.png'],
  ['lossy.webp', null],
])('%s can be a cover, and is turned upright', async (name, upright) => {
  const { page, problems } = opened;
  await hide(page, picture(name), picture('portrait.png'), { bits: 1 });
  const container = await download(page, 'hide', `from-${name}.png`);
  if (upright) expect(psnr(read(picture(upright)), read(container))).toBeGreaterThan(40);
  const revealed = picture(`revealed-of-${name}.png`);
  pythonReveal(container, revealed);
  expect([read(revealed).width, read(revealed).height]).toEqual([300, 420]);
  expect(psnr(read(picture('portrait.png')), read(revealed))).toBeGreaterThan(28);
  expect(problems).toEqual([]);
});
