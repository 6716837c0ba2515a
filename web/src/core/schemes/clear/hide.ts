// Hiding with `clear`, tile by tile.

import type { Bytes } from '../../bytes';
import type { Bits } from '../../carriers/residues';
import {
  fileKeys,
  maskSalt,
  masterKey,
  NONCE_SIZE,
  randomBytes,
  SALT_SIZE,
} from '../../crypto/keys';
import { PictureError } from '../../errors';
import { blank, crop, type Picture } from '../../images/picture';
import { resize } from '../../images/resize';
import type { Network, Progress } from '../scheme';
import { split } from '../tensors';
import { batchSize, hideRun } from './graphs';
import { HEADER_SIZE, pack, tileKeystream } from './header';
import { writeTag } from './tile-tags';
import { batches, MIN_SIDE, place, tilesOf } from './tiles';

/** Hides a secret, resized to the cover's size; with an empty passphrase, anyone can reveal it. */
export async function hide(
  network: Network,
  codebook: Bytes,
  cover: Picture,
  secret: Picture,
  bits: Bits,
  passphrase: string,
  progress: Progress,
): Promise<Picture> {
  const { height, width } = cover;
  if (Math.min(height, width) < MIN_SIDE) {
    throw new PictureError(
      `The cover is ${width} × ${height} pixels. Each side must be at least ${MIN_SIDE} pixels.`,
    );
  }
  const nonce = randomBytes(NONCE_SIZE);
  const salt = randomBytes(SALT_SIZE);
  const keys = await fileKeys(await masterKey(passphrase, salt), nonce, salt);
  const header = pack({
    nonce,
    maskedSalt: await maskSalt(salt, nonce),
    bits,
    secret: { width: secret.width, height: secret.height },
    container: { width, height },
    codebook,
  });
  const noHeader = new Uint8Array(HEADER_SIZE);
  const resized = resize(secret, width, height);
  const container = blank(width, height);
  const tiles = tilesOf(height, width);
  let done = 0;
  for (const batch of batches(tiles, batchSize(network))) {
    const covers = batch.map((tile) => crop(cover, tile).data);
    const keystreams = await Promise.all(
      batch.map((tile, index) => tileKeystream(keys, tile.number, covers[index].length)),
    );
    const run = hideRun(batch[0], {
      covers,
      secrets: batch.map((tile) => crop(resized, tile).data),
      keystreams,
      headers: batch.map((tile) => (tile.number === 0 ? header : noHeader)),
      bits,
    });
    const containers = split(await network.run(run), batch.length);
    for (const [index, tile] of batch.entries()) {
      const samples = containers[index];
      await writeTag(keys, tile, samples, covers[index], keystreams[index], bits);
      place(samples, tile, container);
    }
    done += batch.length;
    progress(done / tiles.length);
  }
  return container;
}
