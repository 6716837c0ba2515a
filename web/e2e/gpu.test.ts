// WebGPU is taken only where it is faster. A graphics card imitated in software is all that can be
// counted on here, and that is not.

import { expect, inject, test } from 'vitest';
import { launch, open } from './browser';
import { fact, hide, picture } from './page';
import { serve } from './server';

test('a graphics card that is imitated in software is left alone', async () => {
  const server = await serve(inject('dist'), false);
  const browser = await launch('--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader');
  try {
    const { page, complaints, requests } = await open(browser, server.url);
    expect(await page.evaluate(async () => !!(await navigator.gpu?.requestAdapter()))).toBe(true);
    const [cover, secret] = [picture('small-cover.png'), picture('small-secret.png')];
    await hide(page, cover, secret, { model: 'classic' });
    expect(await fact(page, 'hide', 'Time')).toContain('WebAssembly');
    expect(requests.filter((url) => url.includes('asyncify'))).toEqual([]);
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
    server.close();
  }
});
