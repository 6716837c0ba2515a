// Prints how long things take, which never fails the test, as machines differ. Checks that large
// pictures work, with and without threads.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { psnr } from '../src/core/images/metrics';
import { launch, open } from './browser';
import { download, fact, hide, picture, read, reveal } from './page';
import { type Server, serve } from './server';

let browser: Browser;
let plain: Server;
let isolated: Server;

beforeAll(async () => {
  browser = await launch();
  plain = await serve(inject('dist'), false);
  isolated = await serve(inject('dist'), true);
});

afterAll(async () => {
  await browser?.close();
  plain?.close();
  isolated?.close();
});

/** Starts to watch frames; the returned function gives the longest time between two, in ms. */
async function watchFrames(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const seen = { last: performance.now(), longest: 0 };
    Object.assign(globalThis, { seen });
    const frame = () => {
      const now = performance.now();
      seen.longest = Math.max(seen.longest, now - seen.last);
      seen.last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  return () =>
    page.evaluate(() => {
      const { seen } = globalThis as unknown as { seen: { longest: number } };
      return Math.round(seen.longest);
    });
}

test.each([
  ['without threads', () => plain],
  ['with threads', () => isolated],
] as const)('%s: ready, one megapixel, four megapixels', async (name, server) => {
  const { page, problems, readyAfter } = await open(browser, server().url);
  const state = await page.textContent('#state');
  expect(state).toMatch(name === 'with threads' ? /[2-9] threads|one thread/ : /one thread/);
  console.log(`${name}: ready ${readyAfter} ms after navigation (${state})`);

  const megapixel = picture('megapixel-cover.png');
  const file = await hide(page, megapixel, picture('megapixel-secret.jpg'));
  console.log(`${name}: 1024 x 1024 hidden as its own file in ${file} s`);
  const code = await hide(page, megapixel, picture('megapixel-secret.png'));
  const again = await hide(page, megapixel, picture('megapixel-secret.png'));
  console.log(`${name}: 1024 x 1024 hidden as a code in ${code} s, then in ${again} s`);

  const longest = await watchFrames(page);
  const [cover, secret] = [picture('large-cover.png'), picture('large-secret.png')];
  const large = await hide(page, cover, secret, { passphrase: 'large' });
  const container = await download(page, 'hide', 'large.png');
  expect(psnr(read(cover), read(container))).toBeGreaterThan(44);
  expect(await reveal(page, container, { passphrase: 'large' })).toBe('');
  const back = await fact(page, 'reveal', 'Time');
  const revealed = await download(page, 'reveal', 'large-revealed.png');
  expect(psnr(read(secret), read(revealed))).toBeGreaterThan(40);
  console.log(`${name}: 2400 x 1700 hidden in ${large} s, revealed in ${back}`);
  console.log(`${name}: longest time between two frames ${await longest()} ms`);
  expect(problems).toEqual([]);
});
