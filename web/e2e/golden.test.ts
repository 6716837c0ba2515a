// The golden containers of the Python package, revealed by the page.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { psnr } from '../src/core/images/metrics';
import { launch, open } from './browser';
import { apart, download, read, reveal } from './page';
import { ROOT } from './python';
import { serve } from './server';

const GOLDEN = join(ROOT, 'tests/runtime/golden');
const PASSPHRASE = 'Grüße aus dem Wald';

test('golden containers are revealed as they were made', async () => {
  const server = await serve(inject('dist'), false);
  const browser = await launch();
  try {
    const { page, problems } = await open(browser, server.url);
    for (const name of readdirSync(GOLDEN).filter((each) => each.startsWith('container-'))) {
      const [, kind, bits] = name.split(/[-.]/);
      const passphrase = name.includes('passphrase') ? PASSPHRASE : '';
      expect(await reveal(page, join(GOLDEN, name), { passphrase }), name).toBe('');
      const secrets: Record<string, string> = {
        file: 'secret.jpg',
        repacked: bits === '1' ? 'secret-grey.jpg' : 'secret-colour.jpg',
      };
      const extension = kind in secrets ? 'jpg' : 'png';
      const revealed = await download(page, 'reveal', `golden.${extension}`);
      if (kind in secrets) {
        const own = readFileSync(join(GOLDEN, secrets[kind]));
        expect(readFileSync(revealed).equals(own), name).toBe(true);
        continue;
      }
      const expected = read(join(GOLDEN, `revealed-${kind}-${bits}.png`));
      const here = read(revealed);
      expect([here.width, here.height], name).toEqual([expected.width, expected.height]);
      // Stretching, where the secret was reduced, and the graphs end in floating point, and browsers
      // have their own ways from AVIF to RGB.
      if (kind === 'pixels') expect(apart(expected, here).most, name).toBe(0);
      else expect(psnr(expected, here), name).toBeGreaterThan(45);
    }
    expect(problems).toEqual([]);
  } finally {
    await browser.close();
    server.close();
  }
});
