// A headless Chromium, and the page in it with everything that goes wrong recorded.

import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export function launch(...gpuFlags: string[]): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? PLACES.find(existsSync);
  if (!executablePath) {
    throw new Error(
      'Chromium was not found: install it (apt-get install chromium), or set CHROMIUM to its path',
    );
  }
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...(gpuFlags.length > 0 ? gpuFlags : ['--disable-gpu']),
    ],
  });
}

export interface Opened {
  readonly page: Page;
  /** Console errors and warnings, uncaught errors, failed requests. */
  readonly problems: string[];
  /** URLs of all requests. */
  readonly requests: string[];
  /** Milliseconds from navigation until the model is loaded. */
  readonly readyAfter: number;
}

export async function open(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({ acceptDownloads: true, ...options });
  const page = await context.newPage();
  // Generous, as machines may be busy; the tests have their own limit.
  page.setDefaultTimeout(150_000);
  const problems: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('requestfailed', (request) => problems.push(`failed: ${request.url()}`));
  context.on('request', (request) => requests.push(request.url()));
  await page.goto(url);
  await page.waitForSelector('html[data-ready]', { timeout: 60_000 });
  const readyAfter = Number(await page.getAttribute('html', 'data-ready'));
  return { page, problems, requests, readyAfter };
}
