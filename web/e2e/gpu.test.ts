// WebGPU is used only where it is faster. Tests can rely only on a graphics card emulated in
// software, which is not.

import { expect, inject, test } from 'vitest';
import { launch, open } from './browser';
import { fact, hide, picture } from './page';
import { serve } from './server';

test('a graphics card that is emulated in software is not used', async () => {
  const server = await serve(inject('dist'), false);
  const browser = await launch('--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader');
  try {
    const { page, problems, requests } = await open(browser, server.url);
    expect(await page.evaluate(async () => !!(await navigator.gpu?.requestAdapter()))).toBe(true);
    const [cover, secret] = [picture('small-cover.png'), picture('small-secret.png')];
    await hide(page, cover, secret, { model: 'classic' });
    expect(await fact(page, 'hide', 'Time')).toContain('WebAssembly');
    expect(requests.filter((url) => url.includes('asyncify'))).toEqual([]);
    expect(problems).toEqual([]);
  } finally {
    await browser.close();
    server.close();
  }
});
