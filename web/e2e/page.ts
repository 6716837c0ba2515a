// What a user does on the page: choose files, hide, reveal, download, read messages.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { inject } from 'vitest';
import type { Picture } from '../src/core/images/picture';
import { decodePng } from '../src/core/images/png';

/** The path of a picture that the setup wrote. */
export function picture(name: string): string {
  return join(inject('pictures'), name);
}

export function read(path: string): Picture {
  return decodePng(readFileSync(path), 'drop').picture;
}

/** The largest difference between two pictures of one size, and the share of samples that differ. */
export function apart(one: Picture, other: Picture): { most: number; share: number } {
  let most = 0;
  let count = 0;
  for (let i = 0; i < one.data.length; i++) {
    const difference = Math.abs(one.data[i] - other.data[i]);
    most = Math.max(most, difference);
    if (difference > 0) count++;
  }
  return { most, share: count / one.data.length };
}

type Zone = 'cover' | 'secret' | 'container';

/** Chooses a file and waits until it was read; returns the error, or an empty text. */
export async function put(page: Page, name: Zone, path: string): Promise<string> {
  const zone = page.locator(`#${name}-zone`);
  await zone.locator('input[type=file]').setInputFiles(path);
  await zone.locator('.area.filled:not(.reading), .error:not(:empty)').first().waitFor();
  return (await zone.locator('.error').textContent()) ?? '';
}

export interface HideOptions {
  bits?: number;
  exact?: 'auto' | 'always' | 'never';
  /** Whether metadata is removed from the secret. */
  strip?: boolean;
  passphrase?: string;
  model?: 'clear' | 'classic';
}

/** Hides one file in another; returns the time in seconds that the page reports. */
export async function hide(
  page: Page,
  cover: string,
  secret: string,
  { bits, exact, strip, passphrase = '', model = 'clear' }: HideOptions = {},
): Promise<number> {
  await page.click('#tab-hide');
  await page.selectOption('#hide-model', model);
  await put(page, 'cover', cover);
  await put(page, 'secret', secret);
  if (await page.isEnabled('#hide-passphrase')) await page.fill('#hide-passphrase', passphrase);
  for (const [name, value] of Object.entries({ bits, exact })) {
    const chosen = page.locator(`input[name=${name}][value="${value}"]`);
    if (value !== undefined) await chosen.check({ force: true });
  }
  if (strip !== undefined) await page.setChecked('#hide-strip', strip);
  await page.click('#hide-form [type=submit]');
  await page.locator('#hide-result:visible, #hide-job .error:not(:empty)').first().waitFor();
  return Number.parseFloat((await fact(page, 'hide', 'Time')) ?? 'NaN');
}

export interface RevealOptions {
  passphrase?: string;
  model?: 'clear' | 'classic';
}

/** Reveals; returns the error or warning, or an empty text. */
export async function reveal(
  page: Page,
  container: string,
  { passphrase = '', model = 'clear' }: RevealOptions = {},
): Promise<string> {
  await page.click('#tab-reveal');
  await page.selectOption('#reveal-model', model);
  const rejected = await put(page, 'container', container);
  if (rejected) return rejected;
  if (await page.isEnabled('#reveal-passphrase')) {
    await page.fill('#reveal-passphrase', passphrase);
  }
  await page.click('#reveal-form [type=submit]');
  await page.locator('#reveal-result:visible, #reveal-job .error:not(:empty)').first().waitFor();
  const errors = page.locator('#panel-reveal .error:visible:not(:empty)');
  return (await errors.allTextContents()).join(' ');
}

/** A fact beside a result. */
export async function fact(page: Page, panel: 'hide' | 'reveal', name: string) {
  const row = page.locator(`#${panel}-result dl div`, {
    has: page.getByText(name, { exact: true }),
  });
  return row.locator('dd').textContent();
}

/** Downloads the result; returns the path of the file. */
export async function download(page: Page, panel: 'hide' | 'reveal', to: string): Promise<string> {
  const started = page.waitForEvent('download');
  await page.click(`#${panel}-result a[download]`);
  const file = await started;
  await file.saveAs(picture(to));
  return picture(to);
}
