// The page itself: keyboard, accessibility, narrow screens, cancelling, and working offline.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { launch, open } from './browser';
import { fact, hide, picture, put, reveal } from './page';
import { ROOT } from './python';
import { type Server, serve } from './server';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

let server: Server;
let browser: Browser;

beforeAll(async () => {
  server = await serve(inject('dist'), false);
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

const focused = (page: Page) => page.evaluate(() => document.activeElement?.id);

test('everything works by keyboard alone', async () => {
  const { page, problems } = await open(browser, server.url);
  const press = async (key: string, times = 1) => {
    for (let time = 0; time < times; time++) await page.keyboard.press(key);
  };
  await press('Tab');
  expect(await focused(page)).toBe('tab-hide');
  await press('ArrowRight');
  expect(await focused(page)).toBe('tab-reveal');
  expect(await page.isVisible('#panel-reveal')).toBe(true);
  await press('ArrowLeft');
  await press('Tab');
  expect(await focused(page)).toBe('cover-zone-file');
  await press('Tab');
  await press('Enter');
  await press('Tab', 4);
  expect(await focused(page)).toBe('secret-zone-file');
  await press('Tab', 2);
  await press('Enter');
  await page.waitForSelector('#secret-zone .area.filled');
  await press('Tab', 3);
  expect(await focused(page)).toBe('hide-passphrase');
  await page.keyboard.type('by hand');
  await press('Tab', 2);
  await press('ArrowLeft');
  expect(await page.isChecked('input[name=bits][value="1"]')).toBe(true);
  await press('Tab');
  await press('ArrowLeft');
  expect(await page.isChecked('input[name=exact][value="never"]')).toBe(true);
  await press('Enter');
  await page.waitForSelector('#hide-result:not([hidden])');
  expect(await focused(page)).toBe('hide-result');
  await press('Tab', 2);
  const slider = page.locator('.stage input[type=range]');
  expect(await slider.evaluate((element) => element === document.activeElement)).toBe(true);
  await press('Home');
  expect(await slider.getAttribute('aria-valuetext')).toBe('Cover 0%, container 100%');
  await press('Tab', 2);
  await press('Enter');
  await page.waitForSelector('#reveal-result:not([hidden])');
  expect(await fact(page, 'reveal', 'Size')).toBe('600 × 400');
  expect(problems).toEqual([]);
});

test.each(['light', 'dark'] as const)(
  'axe finds no accessibility problems, %s',
  async (colorScheme) => {
    const { page } = await open(browser, server.url, { colorScheme });
    // Not as a script of the page, which its policy would forbid.
    await page.evaluate(readFileSync(AXE, 'utf8'));
    const faults = () =>
      page.evaluate(async () => {
        // biome-ignore lint/suspicious/noExplicitAny: the script above put it there
        const { violations } = await (globalThis as any).axe.run();
        return violations.map((fault: { id: string; nodes: { html: string }[] }) => [
          fault.id,
          fault.nodes.map((node) => node.html),
        ]);
      });
    expect(await faults()).toEqual([]);
    await hide(page, picture('small-cover.png'), picture('small-secret.png'));
    await page.getByText('Difference').click();
    expect(await faults()).toEqual([]);
    expect(await reveal(page, picture('small-cover.png'))).not.toBe('');
    expect(await faults()).toEqual([]);
    await page.getByRole('tab', { name: 'Hide' }).click();
    await page.click('text=Reveal it here');
    await page.waitForSelector('#reveal-result:not([hidden])');
    expect(await faults()).toEqual([]);
  },
);

test.each([320, 390, 768])('nothing is cut off at a width of %d', async (width) => {
  const viewport = { width, height: 800 };
  const { page } = await open(browser, server.url, { viewport });
  const overflows = () =>
    page.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
    );
  expect(await overflows()).toBe(false);
  await hide(page, picture('small-cover.png'), picture('small-secret.png'));
  expect(await overflows()).toBe(false);
  await page.click('text=Reveal it here');
  await page.waitForSelector('#reveal-result:not([hidden])');
  expect(await overflows()).toBe(false);
});

test('nothing leaves the computer, and once ready the page works offline', async () => {
  const { page, problems, requests } = await open(browser, server.url);
  await expect.poll(() => requests.filter((url) => url.endsWith('.onnx')).length).toBe(3);
  await page.waitForLoadState('networkidle');
  // The worker starts from a blob of the page.
  const { origin } = new URL(server.url);
  const elsewhere = requests.filter(
    (url) => !url.startsWith(server.url) && !url.startsWith(`blob:${origin}/`),
  );
  expect(elsewhere).toEqual([]);
  await page.context().setOffline(true);
  const before = requests.length;
  await hide(page, picture('cover.png'), picture('secret.png'), { passphrase: 'a' });
  await page.click('text=Reveal it here');
  await page.waitForSelector('#reveal-result:not([hidden])');
  const after = requests.slice(before).filter((url) => !url.startsWith('blob:'));
  expect(after).toEqual([]);
  expect(problems).toEqual([]);
});

test('pictures can be dropped, and those that miss a drop zone do no harm', async () => {
  const { page, problems } = await open(browser, server.url);
  const content = readFileSync(picture('small-cover.png')).toString('base64');
  const drop = (target: string) =>
    page.evaluate(
      ({ target, content }) => {
        const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([bytes], 'dropped.png', { type: 'image/png' }));
        const event = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true });
        return document.querySelector(target)?.dispatchEvent(event);
      },
      { target, content },
    );
  // False: the browser is told not to open the file instead of the page.
  expect(await drop('footer')).toBe(false);
  expect(await drop('#secret-zone .invitation')).toBe(false);
  await page.waitForSelector('#secret-zone .area.filled');
  expect(await page.textContent('#secret-zone .caption')).toContain('dropped.png');
  expect(problems).toEqual([]);
});

test('a job can be cancelled, and the next one works', async () => {
  const { page, problems } = await open(browser, server.url);
  await put(page, 'cover', picture('large-cover.png'));
  await put(page, 'secret', picture('large-secret.png'));
  await page.click('#hide-form [type=submit]');
  await page.click('#hide-job button');
  await page.waitForSelector('#hide-job .working', { state: 'hidden' });
  expect(await page.isVisible('#hide-result')).toBe(false);
  expect(await page.textContent('#hide-job .error')).toBe('');
  await hide(page, picture('small-cover.png'), picture('small-secret.png'));
  expect(await fact(page, 'hide', 'Size')).toBe('200 × 150');
  expect(problems).toEqual([]);
});

test('a model that cannot be loaded is reported, and loaded by the next job', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await context.route('**/*.onnx', (route) => route.fulfill({ status: 503, body: '' }));
  await page.goto(server.url);
  await page.locator('#state.error').waitFor();
  expect(await page.textContent('#state')).toContain(
    'The model clear could not be loaded: the server answered 503. Reload the page',
  );
  await context.unroute('**/*.onnx');
  await hide(page, picture('small-cover.png'), picture('small-secret.png'));
  expect(await page.isVisible('#hide-result')).toBe(true);
});

test('classic describes its cost, has no options, and explains why it has no passphrase', async () => {
  const { page } = await open(browser, server.url);
  await page.selectOption('#hide-model', 'classic');
  expect(await page.isDisabled('#hide-passphrase')).toBe(true);
  expect(await page.textContent('#hide-passphrase-note')).toContain('Its networks have no key');
  expect(await page.textContent('#hide-model-note')).toMatch(/41\.2 dB .* eight seconds/);
  expect(await page.locator('#hide-options input').count()).toBe(0);
});

test('options are those of the manifest, and a choice is kept while another model is tried', async () => {
  const { page } = await open(browser, server.url);
  const { options } = JSON.parse(readFileSync(join(ROOT, 'models/clear/manifest.json'), 'utf8'));
  const radios = page.locator('#hide-options input[name=bits]');
  expect(await radios.evaluateAll((all) => all.map((each) => each.getAttribute('value')))).toEqual(
    options.bits.choices.map(String),
  );
  const chosen = page.locator('#hide-options input[name=bits]:checked');
  expect(await chosen.getAttribute('value')).toBe(String(options.bits.default));
  const help = await page.locator('#hide-options .note').allTextContents();
  expect(help.map((text) => text.toLowerCase())).toEqual(
    Object.values(options).map((option) => `${(option as { help: string }).help}.`),
  );
  await radios.first().check({ force: true });
  await page.selectOption('#hide-model', 'classic');
  await page.selectOption('#hide-model', 'clear');
  expect(await chosen.getAttribute('value')).toBe(String(options.bits.choices[0]));
});
