// Screenshots of the page for the docs, written to the folder in SCREENSHOTS.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { inject, test } from 'vitest';
import { launch, open } from './browser';
import { serve } from './server';

const { SCREENSHOTS } = process.env;

const VIEWPORTS = { desktop: { width: 1180, height: 900 }, phone: { width: 390, height: 844 } };

/** Converts a PNG to WebP, a quarter of the size, in the browser. */
async function webp(page: Page, png: Buffer): Promise<Buffer> {
  const encoded = await page.evaluate(async (source) => {
    // Not fetched as a data URL, which the page's policy forbids.
    const bytes = Uint8Array.from(atob(source), (character) => character.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes]));
    const canvas = document.createElement('canvas');
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
    return canvas.toDataURL('image/webp', 0.66).split(',')[1];
  }, png.toString('base64'));
  return Buffer.from(encoded, 'base64');
}

test.skipIf(!SCREENSHOTS)('screenshots of both tabs, light and dark, at both widths', async () => {
  const server = await serve(inject('dist'), true);
  const browser = await launch();
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const [width, viewport] of Object.entries(VIEWPORTS)) {
        const { page } = await open(browser, server.url, { colorScheme, viewport });
        const shoot = async (name: string) => {
          await page.mouse.move(0, 0);
          await page.waitForTimeout(400);
          const path = join(SCREENSHOTS ?? '', `${name}-${colorScheme}-${width}.webp`);
          writeFileSync(path, await webp(page, await page.screenshot({ fullPage: true })));
        };
        await page.locator('#cover-zone .sample').nth(1).click();
        await page.locator('#secret-zone .sample').nth(0).click();
        await page.waitForSelector('#cover-zone .area.filled:not(.reading)');
        await page.waitForSelector('#secret-zone .area.filled:not(.reading)');
        await page.fill('#hide-passphrase', 'correct horse battery staple');
        await page.click('#hide-form [type=submit]');
        await page.waitForSelector('#hide-result:not([hidden])');
        await shoot('hide');
        await page.click('text=Reveal it here');
        await page.waitForSelector('#reveal-result:not([hidden])');
        await shoot('reveal');
        await page.context().close();
      }
    }
  } finally {
    await browser.close();
    server.close();
  }
});
