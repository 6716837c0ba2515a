// What may import what, and that schemes are known by name in their own folders only.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { MODELS } from '../src/models';

const SRC = join(import.meta.dirname, '../src');

const FILES = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(join(SRC, name), 'utf8') }));

/** Lowest first; a folder imports from itself and from those before it. */
const ORDER = [
  'core/bytes.ts',
  'core/errors.ts',
  'core/images',
  'core/crypto',
  'core/engine',
  'core/carriers',
  'core/payloads',
  'core/schemes',
  'models.ts',
  'worker',
  'client.ts',
  'ui',
  'main.ts',
];

function levelOf(name: string): number {
  return ORDER.findIndex((entry) => name === entry || name.startsWith(`${entry}/`));
}

test.each(FILES)('$name imports from lower levels only', ({ name, text }) => {
  expect(levelOf(name)).toBeGreaterThanOrEqual(0);
  for (const [, path] of text.matchAll(/from '(\.[^']*)'/g)) {
    const target = relative(SRC, join(SRC, dirname(name), path));
    const level = levelOf(target) < 0 ? levelOf(`${target}.ts`) : levelOf(target);
    expect(level, `${path} in ${name}`).toBeGreaterThanOrEqual(0);
    expect(level, `${path} in ${name}`).toBeLessThanOrEqual(levelOf(name));
  }
});

test('payloads and carriers know nothing of each other', () => {
  for (const [one, other] of [
    ['payloads', 'carriers'],
    ['carriers', 'payloads'],
  ]) {
    const knowing = FILES.filter(
      ({ name, text }) => name.startsWith(`core/${one}/`) && text.includes(`/${other}/`),
    );
    expect(knowing.map(({ name }) => name)).toEqual([]);
  }
});

test('the core does not depend on ONNX Runtime', () => {
  const dependent = FILES.filter(
    ({ name, text }) => name.startsWith('core/') && /from '.*onnx/.test(text),
  );
  expect(dependent.map(({ name }) => name)).toEqual([]);
});

test('no scheme is named outside its folder, the registry and the list of models', () => {
  const schemes = [...MODELS.values()].map(({ manifest }) => manifest.scheme);
  const words = new RegExp(`['"\`](${schemes.join('|')})['"\`]`);
  const naming = FILES.filter(
    ({ name, text }) => words.test(text) && !/^core\/schemes\/[a-z]+\//.test(name),
  );
  expect(naming.map(({ name }) => name)).toEqual([]);
});
