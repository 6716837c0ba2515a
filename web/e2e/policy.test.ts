// Nothing can leave the computer: the browser blocks requests to elsewhere, of the page and the worker.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { launch, open } from './browser';
import { hide, picture } from './page';
import { serve } from './server';

/** Ways in which a script can reach another server. `WebSocket` needs its own protocol. */
const WAYS = [
  ...['beacon', 'fetch', 'form', 'frame', 'image', 'script', 'socket'],
  ...['module', 'worker'],
];

const arrived: string[] = [];
const elsewhere = createServer((request, response) => {
  arrived.push(new URL(request.url ?? '/', 'http://localhost').pathname.slice(1));
  response.writeHead(204, { 'Access-Control-Allow-Origin': '*' }).end();
});
elsewhere.on('upgrade', (request, socket) => {
  arrived.push((request.url ?? '').slice(1));
  socket.destroy();
});

let address: string;
let browser: Browser;

beforeAll(async () => {
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  address = `http://localhost:${(elsewhere.address() as AddressInfo).port}/`;
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  elsewhere.closeAllConnections();
  elsewhere.close();
});

/** Hides, then tries to reach the other server in every way; returns those that worked. */
async function leaks(withHeaders: boolean, bypassCSP: boolean): Promise<string[]> {
  arrived.length = 0;
  const server = await serve(inject('dist'), withHeaders);
  try {
    const { page, problems } = await open(browser, server.url, { bypassCSP });
    await hide(page, picture('small-cover.png'), picture('small-secret.png'));
    expect(problems).toEqual([]);
    await page.evaluate((address) => {
      const element = (tag: string, attributes: Record<string, string>) => {
        const made = document.createElement(tag);
        for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
        return document.body.appendChild(made);
      };
      fetch(`${address}fetch`, { mode: 'no-cors' }).catch(() => undefined);
      navigator.sendBeacon(`${address}beacon`, 'x');
      element('img', { src: `${address}image` });
      element('script', { src: `${address}script` });
      element('iframe', { src: `${address}frame`, name: 'frame' });
      element('iframe', { name: 'target' });
      const form = element('form', { action: `${address}form`, target: 'target' });
      (form as HTMLFormElement).submit();
      try {
        new WebSocket(`${address.replace('http', 'ws')}socket`);
      } catch {
        // Some browsers throw when it is blocked.
      }
    }, address);
    // The other workers are ONNX Runtime's threads, which wait for work and answer nothing.
    const worker = page.workers().find((each) => each.url().startsWith('blob:'));
    // As text, since the test runner rewrites imports.
    await worker?.evaluate(`Promise.allSettled([
      fetch('${address}worker', { mode: 'no-cors' }),
      import('${address}module'),
    ])`);
    await page.waitForTimeout(1000);
    return [...new Set(arrived)].sort();
  } finally {
    server.close();
  }
}

test.each([
  ['without headers, as on GitHub Pages', false],
  ['with the headers of _headers', true],
])('no request to elsewhere leaves the browser, %s', async (_, withHeaders) => {
  expect(await leaks(withHeaders, false)).toEqual([]);
});

test('these requests would arrive if there were no policy', async () => {
  const ways = await leaks(false, true);
  expect(ways).toEqual([...WAYS].sort());
});
