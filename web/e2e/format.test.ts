// The page and the Python package reveal each other's containers.

import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { psnr } from '../src/core/images/metrics';
import { isFile, type Kind } from '../src/core/payloads/payload';
import { launch, type Opened, open } from './browser';
import { apart, download, fact, hide, picture, read, reveal } from './page';
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

function same(one: string, other: string): boolean {
  return readFileSync(one).equals(readFileSync(other));
}

const NAMES = {
  file: 'bit for bit: its own file',
  repacked: 'bit for bit: its own file',
  pixels: 'bit for bit: a lossless file of its pixels',
  code: 'a code of its pixels',
  compact: 'a compact file of its pixels',
} as const satisfies Record<Kind, string>;

interface Given {
  /** As what the secret is hidden. */
  kind: Kind;
  /** As what Python hides it, if that is something else. */
  kindByPython?: Kind;
  secret: string;
  bits: number;
  exact?: 'auto' | 'always' | 'never';
  /** Smallest PSNR of the container, and of what is revealed. */
  cover: number;
  revealed?: number;
  passphrase: string;
  typed?: string;
}

const CASES: Given[] = [
  { kind: 'file', secret: 'photograph.jpg', bits: 2, cover: 52, passphrase: '' },
  { kind: 'file', secret: 'turned.jpg', bits: 3, exact: 'always', cover: 52, passphrase: 'x' },
  { kind: 'repacked', secret: 'tight.jpg', bits: 1, cover: 50, passphrase: '' },
  { kind: 'pixels', secret: 'uncompressed.png', bits: 2, cover: 48, passphrase: 'Grüße 🗝' },
  { kind: 'code', secret: 'secret.png', bits: 1, cover: 52, revealed: 40, passphrase: '' },
  {
    ...{ kind: 'code', secret: 'secret.png', bits: 3, exact: 'never', cover: 40, revealed: 50 },
    ...{ passphrase: 'Caf\u00e9', typed: 'Cafe\u0301' },
  },
  // Twelve times the samples of its cover, so it is reduced.
  {
    ...{ kind: 'code', secret: 'large-secret.png', bits: 1, cover: 52, revealed: 28 },
    // Which the page does not make.
    ...{ kindByPython: 'compact', passphrase: '' },
  },
];

test.each(CASES)(
  'Python reveals what the page hid: $kind, $secret, $bits bits, passphrase "$passphrase"',
  async (given) => {
    const { page, problems } = opened;
    const { kind, bits, exact = 'auto', passphrase } = given;
    const secret = picture(given.secret);
    await hide(page, picture('cover.png'), secret, { bits, exact, passphrase });
    expect(await fact(page, 'hide', 'Secret')).toContain(NAMES[kind]);
    const container = await download(page, 'hide', 'from-page.png');
    expect(psnr(read(picture('cover.png')), read(container))).toBeGreaterThan(given.cover);

    const format = isFile({ kind }) ? given.secret.replace(/.*\./, '') : 'png';
    const byPython = picture(`by-python.${format}`);
    const report = pythonReveal(container, byPython, { passphrase });
    expect(report.payload?.kind).toBe(kind);
    expect(await reveal(page, container, { passphrase })).toBe('');
    expect(await fact(page, 'reveal', 'Secret')).toContain(NAMES[kind]);
    const here = await download(page, 'reveal', `by-page.${format}`);
    if (isFile({ kind })) {
      expect(same(byPython, secret)).toBe(true);
      expect(same(here, secret)).toBe(true);
    } else if (kind === 'pixels') {
      expect(apart(read(byPython), read(secret)).most).toBe(0);
      expect(same(here, byPython)).toBe(true);
    } else {
      const quality = psnr(read(secret), read(byPython));
      expect(quality).toBeGreaterThan(given.revealed ?? 0);
      console.log(`${given.secret} at ${bits} bits: ${quality.toFixed(2)} dB`);
      expect(psnr(read(byPython), read(here))).toBeGreaterThan(45);
    }
    expect(problems).toEqual([]);
  },
);

test.each(CASES)(
  'the page reveals what Python hid: $kind, $secret, $bits bits, passphrase "$passphrase"',
  async (given) => {
    const { page, problems } = opened;
    const { bits, exact = 'auto', passphrase, typed = passphrase } = given;
    const kind = given.kindByPython ?? given.kind;
    const secret = picture(given.secret);
    const container = picture('from-python.png');
    const report = pythonHide(picture('cover.png'), secret, container, { bits, exact, passphrase });
    expect(report.payload?.kind).toBe(kind);
    expect(await reveal(page, container, { passphrase: typed })).toBe('');
    expect(await fact(page, 'reveal', 'Secret')).toContain(NAMES[kind]);
    const format = isFile({ kind }) ? given.secret.replace(/.*\./, '') : 'png';
    const here = await download(page, 'reveal', `of-python.${format}`);
    if (isFile({ kind })) {
      expect(same(here, secret)).toBe(true);
    } else if (kind === 'pixels') {
      expect(apart(read(here), read(secret)).most).toBe(0);
    } else {
      const byPython = picture('python.png');
      pythonReveal(container, byPython, { passphrase });
      if (report.payload?.coded) expect(psnr(read(byPython), read(here))).toBeGreaterThan(45);
      else expectAlike(byPython, here);
    }
    expect(problems).toEqual([]);
  },
);

test('what the page codes is about as good as what Python codes', async () => {
  const { page } = opened;
  const [cover, secret] = [picture('megapixel-cover.png'), picture('megapixel-secret.png')];
  await hide(page, cover, secret, { bits: 1 });
  const containers = [await download(page, 'hide', 'page.png'), picture('python-coded.png')];
  const report = pythonHide(cover, secret, containers[1], { bits: 1 });
  const [byPage, byPython] = containers.map((container, index) => {
    const revealed = picture(`coded-${index}.png`);
    pythonReveal(container, revealed);
    return psnr(read(secret), read(revealed));
  });
  console.log(`a megapixel at 1 bit: ${byPage.toFixed(2)} dB here, ${byPython.toFixed(2)} there`);
  expect(Math.abs(byPage - byPython)).toBeLessThan(0.1);
  expect(report.payload?.kind).toBe('code');
});

test('files look as OpenCV writes them, byte for byte', async () => {
  const { page } = opened;
  const copy = picture('written-by-opencv.png');
  await hide(page, picture('cover.png'), picture('secret.png'), {
    passphrase: 'a',
    exact: 'never',
  });
  const container = await download(page, 'hide', 'written-by-page.png');
  openCvCopy(container, copy);
  expect(same(container, copy)).toBe(true);
  expect(await reveal(page, container, { passphrase: 'a' })).toBe('');
  const revealed = await download(page, 'reveal', 'revealed-by-page.png');
  openCvCopy(revealed, copy);
  expect(same(revealed, copy)).toBe(true);
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
  await hide(page, picture(name), picture('portrait.png'), { bits: 1, exact: 'auto' });
  const container = await download(page, 'hide', `from-${name}.png`);
  if (upright) expect(psnr(read(picture(upright)), read(container))).toBeGreaterThan(40);
  const revealed = picture(`revealed-of-${name}.png`);
  pythonReveal(container, revealed);
  expect([read(revealed).width, read(revealed).height]).toEqual([300, 420]);
  expect(psnr(read(picture('portrait.png')), read(revealed))).toBeGreaterThan(28);
  expect(problems).toEqual([]);
});

test('a secret that is turned is upright in a code, and as it was in its file', async () => {
  const { page } = opened;
  await hide(page, picture('cover.png'), picture('turned.jpg'), { bits: 2, exact: 'never' });
  const container = await download(page, 'hide', 'turned-container.png');
  pythonReveal(container, picture('turned-back.png'));
  expect(psnr(read(picture('upright.png')), read(picture('turned-back.png')))).toBeGreaterThan(35);
});
