// The page plans as the Python package does: the numbers by which both do are the same.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');

/** A number as both languages write it, such as 1_000 or 1 << 10; NaN if it is none. */
function numberOf(text: string): number {
  const [, digits, shift = '0'] = text.match(/^([\d._]+)(?: << (\d+))?$/) ?? [];
  return digits ? Number(digits.replaceAll('_', '')) * 2 ** Number(shift) : Number.NaN;
}

/** Constants of a file that are numbers, by their names. */
function numbersIn(path: string, pattern: RegExp): Map<string, number> {
  const found = new Map<string, number>();
  for (const [, names, values] of readFileSync(join(ROOT, path), 'utf8').matchAll(pattern)) {
    const each = values.replace(/ +#.*/, '').split(',');
    for (const [index, name] of names.split(',').entries()) {
      const value = numberOf((each[index] ?? '').trim());
      if (!Number.isNaN(value)) found.set(name.trim().replace(/^_/, ''), value);
    }
  }
  return found;
}

test.each([
  ['code_plan.py', 'code-plan.ts', 13],
  ['code_curve.py', 'code-curve.ts', 5],
  ['code_bytes.py', 'code-bytes.ts', 5],
  ['jpeg/contexts.py', 'jpeg/contexts.ts', 5],
  ['jpeg/headers.py', 'jpeg/headers.ts', 1],
  ['jpeg/huffman.py', 'jpeg/huffman.ts', 1],
  ['jpeg/rans.py', 'jpeg/rans.ts', 3],
  ['jpeg/repacking.py', 'jpeg/repacking.ts', 3],
  ['jpeg/tables.py', 'jpeg/tables.ts', 4],
])('%s and %s agree', (python, typescript, least) => {
  const there = numbersIn(`runtime/payloads/${python}`, /^([A-Z_, ]+)(?:: \w+)? = (.*)$/gm);
  const here = numbersIn(
    `web/src/core/payloads/${typescript}`,
    /^(?:export )?const \[?([A-Z_, ]+)\]? = \[?([^\];]*)\]?;$/gm,
  );
  const common = [...here].filter(([name]) => there.has(name));
  expect(common.length).toBeGreaterThanOrEqual(least);
  expect(Object.fromEntries(common)).toEqual(
    Object.fromEntries(common.map(([name]) => [name, there.get(name)])),
  );
});
