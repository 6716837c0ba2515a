// Containers that must be revealed forever. What browsers have to decode, the end-to-end tests check.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bitsPerPixel } from '../../../src/core/carriers/density';
import { formatOf } from '../../../src/core/images/formats';
import { MAX_PIXELS } from '../../../src/core/images/picture';
import { decodePng } from '../../../src/core/images/png';
import { parse } from '../../../src/core/payloads/code-bytes';
import * as compact from '../../../src/core/payloads/compact';
import { pack, unpack } from '../../../src/core/payloads/jpeg/repacking';
import { find, read } from '../../../src/core/schemes/clear/revealing';

const GOLDEN = join(import.meta.dirname, '../../../../tests/runtime/golden');
const PASSPHRASE = 'Grüße aus dem Wald';

const names = readdirSync(GOLDEN).filter((name) => name.startsWith('container-'));

test('there is one of each payload at each density', () => {
  const kinds = names.map((name) => name.replace(/-passphrase|\.png/g, ''));
  expect(new Set(kinds).size).toBe(45);
});

test.each(names)(
  '%s is found and read',
  async (name) => {
    const [, kind, bits] = name.split(/[-.]/);
    const passphrase = name.includes('passphrase') ? PASSPHRASE : '';
    const container = decodePng(readFileSync(join(GOLDEN, name)), 'drop').picture;
    const match = await find(container, passphrase);
    expect(match).not.toBeNull();
    if (!match) return;
    expect(match.description.kind).toBe(kind);
    expect(bitsPerPixel(match.description.density)).toBe(Number(bits));
    const found = await read(match, () => undefined);
    expect(found).toMatchObject({ lost: [], damaged: 0, tiles: 1 });
    const { content } = found;
    if (kind === 'repacked') {
      // The packed one in colour does not fit at the least density.
      const secret = readFileSync(join(GOLDEN, `secret-${bits === '1' ? 'grey' : 'colour'}.jpg`));
      expect(Buffer.compare(await unpack(content, MAX_PIXELS), secret)).toBe(0);
      // As Python packs it.
      expect(await pack(new Uint8Array(secret))).toEqual(content);
    } else if (kind === 'file') {
      expect(Buffer.compare(content, readFileSync(join(GOLDEN, 'secret.jpg')))).toBe(0);
    } else if (kind === 'pixels') {
      expect(formatOf(content)?.lossless).toBe(true);
    } else {
      const { ownSize } = kind === 'compact' ? compact.parse(content) : parse(content);
      expect(ownSize).toEqual({ width: 50, height: 40 });
    }
  },
  30_000,
);
