// The Content-Security-Policy stands in two places, as not all hosts send headers.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const read = (name: string) => readFileSync(join(import.meta.dirname, '..', name), 'utf8');

test('the page and the headers have one policy, which names no other origin', () => {
  const [, inPage] =
    read('index.html').match(/http-equiv="Content-Security-Policy" content="(.*)"/) ?? [];
  const [, inHeader] = read('public/_headers').match(/Content-Security-Policy: (.*)/) ?? [];
  // Browsers ignore this directive in a page.
  expect(inHeader).toBe(`${inPage}; frame-ancestors 'self'`);
  expect(inPage).toMatch(/^default-src 'none'; /);
  const sources = inPage.split('; ').flatMap((directive) => directive.split(' ').slice(1));
  const allowed = ["'none'", "'self'", "'wasm-unsafe-eval'", 'blob:', 'data:'];
  expect(sources.filter((source) => !allowed.includes(source))).toEqual([]);
});
