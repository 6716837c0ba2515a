import { afterEach, expect, test, vi } from 'vitest';
import { AlteredError, ContainerError } from '../../../src/core/errors';
import { repackedFile } from '../../../src/core/payloads/file';
import { readWhole } from '../../../src/core/schemes/clear/whole';
import { made } from '../../payloads/jpeg/made';
import { range } from '../../support';

const FOUND = { lost: [], damaged: 0, tiles: 2, capacity: 100 };

afterEach(() => vi.unstubAllGlobals());

test.each(['file', 'repacked', 'pixels', 'compact'] as const)(
  'nothing is left of %s where a part is lost',
  async (kind) => {
    const found = { ...FOUND, content: range(100), damaged: 1, lost: [[99, 100]] as const };
    await expect(readWhole(kind, found)).rejects.toThrow(AlteredError);
  },
);

test('a file in fewer bytes is unpacked, and then has to be a whole picture, too', async () => {
  const file = made();
  const content = await repackedFile(file, file.length);
  if (!content) throw new Error('it is not packed');
  const seen: Blob[] = [];
  vi.stubGlobal('createImageBitmap', (blob: Blob) => {
    seen.push(blob);
    return Promise.reject(new Error('no decoder'));
  });
  for (const [kind, hidden] of [
    ['repacked', content],
    ['file', file],
  ] as const) {
    await expect(readWhole(kind, { ...FOUND, content: hidden })).rejects.toThrow(
      new ContainerError('The hidden file is a damaged or truncated JPEG file. It is not shown.'),
    );
  }
  expect(seen.length).toBe(2);
  for (const blob of seen) expect(new Uint8Array(await blob.arrayBuffer())).toEqual(file);
});
