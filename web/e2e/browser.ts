// A headless Chromium and the page in it, whose every complaint is kept.

import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export function launch(...more: string[]): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? PLACES.find(existsSync);
  if (!executablePath) {
    throw new Error('no Chromium found: apt-get install chromium, or set CHROMIUM to its path');
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
      ...(more.length > 0 ? more : ['--disable-gpu']),
    ],
  });
}

export interface Opened {
  readonly page: Page;
  /** Console errors and warnings, uncaught errors, failed requests. */
  readonly complaints: string[];
  /** Addresses of everything that was asked of the network. */
  readonly requests: string[];
  /** From navigation to the model being compiled, in ms. */
  readonly readyAfter: number;
}

export async function open(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({ acceptDownloads: true, ...options });
  const page = await context.newPage();
  // Machines may be busy; a test that hangs has a limit of its own.
  page.setDefaultTimeout(150_000);
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
  context.on('request', (request) => requests.push(request.url()));
  await page.goto(url);
  await page.waitForSelector('html[data-ready]', { timeout: 60_000 });
  const readyAfter = Number(await page.getAttribute('html', 'data-ready'));
  return { page, complaints, requests, readyAfter };
}
