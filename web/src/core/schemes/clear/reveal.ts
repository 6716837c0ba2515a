// Revealing with `clear`, tile by tile.

import type { Bytes } from '../../bytes';
import { AlteredError, NothingHiddenError, PictureError } from '../../errors';
import { blank, crop, MAX_PIXELS, type Picture, type Size } from '../../images/picture';
import { resize } from '../../images/resize';
import type { Network, Progress, Revealed } from '../scheme';
import { split } from '../tensors';
import { find } from './find';
import { batchSize, revealRun } from './graphs';
import { tileKeystream } from './header';
import { isIntact } from './tile-tags';
import { batches, contains, place, tilesOf } from './tiles';

const GREY = 128;

/** Reveals a secret, with grey for damaged tiles; it is an error if no tile is intact. */
export async function reveal(
  network: Network,
  codebook: Bytes,
  container: Picture,
  passphrase: string,
  progress: Progress,
): Promise<Revealed> {
  const match = await find(codebook, container, passphrase);
  if (!match) throw new NothingHiddenError(nothingFound(passphrase));
  const { keys, bits, verified } = match;
  const { width, height } = match.container;
  if (!verified && (width !== container.width || height !== container.height)) {
    throw new AlteredError(
      'This container was altered, cropped or resized after a picture was hidden in it, and ' +
        'nothing can be revealed.',
    );
  }
  refuseLarger(match.container);
  const tiles = tilesOf(height, width);
  // The tiles that are left of a cropped container are where they were.
  const left = tiles.filter((tile) => contains(container, tile));
  const tiled = blank(width, height);
  tiled.data.fill(GREY);
  let done = 0;
  let intact = 0;
  for (const batch of batches(left, batchSize(network))) {
    const containers = batch.map((tile) => crop(container, tile).data);
    const keystreams = await Promise.all(
      batch.map((tile, index) => tileKeystream(keys, tile.number, containers[index].length)),
    );
    const run = revealRun(batch[0], containers, keystreams, bits);
    const secrets = split(await network.run(run), batch.length);
    for (const [index, tile] of batch.entries()) {
      // A damaged code decodes to noise, which is worth less than grey.
      if (await isIntact(keys, tile, containers[index], keystreams[index], bits)) {
        place(secrets[index], tile, tiled);
        intact++;
      }
    }
    done += batch.length;
    progress(done / left.length);
  }
  if (intact === 0) {
    throw new AlteredError(
      'This container was altered after a picture was hidden in it, and nothing can be revealed.',
    );
  }
  // An unverified header may state any size for the secret.
  const size = verified ? match.secret : match.container;
  refuseLarger(size);
  const damaged = tiles.length - intact;
  const enlarged = container.width > width || container.height > height;
  return {
    picture: resize(tiled, size.width, size.height),
    damage: damaged > 0 ? { damaged, tiles: tiles.length, sizeKnown: verified } : null,
    notes:
      enlarged && damaged === 0
        ? [
            'This container was enlarged after a picture was hidden in it. The hidden picture is ' +
              'complete.',
          ]
        : [],
  };
}

function refuseLarger({ width, height }: Size): void {
  if (width * height > MAX_PIXELS) {
    throw new PictureError(
      `The hidden picture has ${width} × ${height} pixels, more than this page accepts. Reveal ` +
        'it with the command line program.',
    );
  }
}

function nothingFound(passphrase: string): string {
  const causes = passphrase
    ? 'Either the passphrase is wrong, or nothing is hidden in this picture'
    : 'Either nothing is hidden in this picture, or it needs a passphrase';
  return (
    `${causes}, or the picture was changed: resized, cropped, or saved by a program that does ` +
    'not keep pixels exactly.'
  );
}
