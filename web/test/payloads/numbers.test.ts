// The page plans as the Python package does: the numbers by which both do are the same.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');

/** Constants of a file that are numbers, by their names. */
function numbersIn(path: string, pattern: RegExp): Map<string, number> {
  const found = new Map<string, number>();
  for (const [, names, values] of readFileSync(join(ROOT, path), 'utf8').matchAll(pattern)) {
    const each = values.split(',').map((value) => value.trim());
    for (const [index, name] of names.split(',').entries()) {
      if (/^[\d._]+$/.test(each[index])) {
        found.set(name.trim().replace(/^_/, ''), Number(each[index].replaceAll('_', '')));
      }
    }
  }
  return found;
}

test.each([
  ['code_plan.py', 'code-plan.ts', 13],
  ['code_curve.py', 'code-curve.ts', 5],
  ['code_bytes.py', 'code-bytes.ts', 5],
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
