import { expect, test } from 'vitest';
import { AlteredError } from '../../../src/core/errors';
import { readWhole } from '../../../src/core/schemes/clear/whole';
import { range } from '../../support';

test.each(['file', 'pixels', 'compact'] as const)(
  'nothing is left of %s where a part is lost',
  async (kind) => {
    const found = { content: range(100), damaged: 1, tiles: 2, capacity: 100 };
    await expect(readWhole(kind, { ...found, lost: [[99, 100]] })).rejects.toThrow(AlteredError);
  },
);
