// What a person does on the page, in words: hide, reveal, download, read what it says.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { inject } from 'vitest';
import type { Picture } from '../src/core/picture';
import { decodePng } from '../src/core/png';

/** A picture that the set-up wrote. */
export function picture(name: string): string {
  return join(inject('pictures'), name);
}

export function read(path: string): Picture {
  return decodePng(readFileSync(path), 'drop');
}

/** How far two pictures of one size are apart: at most, and on what share of samples. */
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

type Place = 'cover' | 'secret' | 'container';

/** Puts a file there and waits until it was looked at; gives what is said of it, if anything. */
export async function put(page: Page, place: Place, path: string): Promise<string> {
  const well = page.locator(`#${place}-well`);
  await well.locator('input[type=file]').setInputFiles(path);
  await well.locator('.area.filled:not(.reading), .error:not(:empty)').first().waitFor();
  return (await well.locator('.error').textContent()) ?? '';
}

export interface HideOptions {
  bits?: number;
  passphrase?: string;
  model?: 'clear' | 'classic';
}

/** Hides one file in another; gives the time that the page says it took, in seconds. */
export async function hide(
  page: Page,
  cover: string,
  secret: string,
  { bits = 2, passphrase = '', model = 'clear' }: HideOptions = {},
): Promise<number> {
  await page.click('#tab-hide');
  await page.selectOption('#hide-model', model);
  await put(page, 'cover', cover);
  await put(page, 'secret', secret);
  if (model === 'clear') {
    await page.fill('#hide-passphrase', passphrase);
    await page.locator(`input[name=bits][value="${bits}"]`).check({ force: true });
  }
  await page.click('#hide-form [type=submit]');
  await page.locator('#hide-result:visible, #hide-job .error:not(:empty)').first().waitFor();
  return Number.parseFloat((await fact(page, 'hide', 'Time')) ?? 'NaN');
}

export interface RevealOptions {
  passphrase?: string;
  model?: 'clear' | 'classic';
}

/** Reveals; gives what went wrong, or an empty text. */
export async function reveal(
  page: Page,
  container: string,
  { passphrase = '', model = 'clear' }: RevealOptions = {},
): Promise<string> {
  await page.click('#tab-reveal');
  await page.selectOption('#reveal-model', model);
  const refused = await put(page, 'container', container);
  if (refused) return refused;
  if (model === 'clear') await page.fill('#reveal-passphrase', passphrase);
  await page.click('#reveal-form [type=submit]');
  await page.locator('#reveal-result:visible, #reveal-job .error:not(:empty)').first().waitFor();
  const errors = page.locator('#panel-reveal .error:visible:not(:empty)');
  return (await errors.allTextContents()).join(' ');
}

/** A fact that stands beside a result. */
export async function fact(page: Page, panel: 'hide' | 'reveal', name: string) {
  const row = page.locator(`#${panel}-result dl div`, {
    has: page.getByText(name, { exact: true }),
  });
  return row.locator('dd').textContent();
}

/** Clicks the download and gives the path of the file. */
export async function download(page: Page, panel: 'hide' | 'reveal', to: string): Promise<string> {
  const started = page.waitForEvent('download');
  await page.click(`#${panel}-result a[download]`);
  const file = await started;
  await file.saveAs(picture(to));
  return picture(to);
}
