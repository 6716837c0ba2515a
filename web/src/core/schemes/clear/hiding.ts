// How `clear` hides: a payload is written into the tiles of the cover.

import type { Bytes } from '../../bytes';
import * as carrier from '../../carriers/density';
import type { FileKeys } from '../../crypto/keys';
import { masked } from '../../crypto/keystream';
import { place, tilesOf } from '../../images/grid';
import { blank, crop, type Picture, type Size } from '../../images/picture';
import type { Progress } from '../scheme';
import { type Chosen, SAMPLES } from './choice';
import * as description from './description';
import { described, freeOf, freePixels, seal, setDescribed, setFree } from './tile';

/** The least density at which a cover holds so many bytes, at most `bits` bits per sample. */
export function densityFor(cover: Size, length: number, bits: number): carrier.Density {
  const density = carrier.leastDensity(tilesOf(cover).map(freePixels), length, SAMPLES * bits);
  if (!density) throw new Error('the payload was chosen to fit');
  return density;
}

/**
 * Writes a payload into a cover.
 *
 * @param cover At least 16 pixels per side.
 * @param density At which the cover holds the payload.
 * @param codeId See `Description`.
 */
export async function embed(
  cover: Picture,
  { kind, content }: Pick<Chosen, 'kind' | 'content'>,
  density: carrier.Density,
  keys: FileKeys,
  codeId: Bytes,
  progress: Progress,
): Promise<Picture> {
  const { width, height } = cover;
  const size = { width, height };
  const container = blank(width, height);
  const tiles = tilesOf(size);
  let start = 0;
  for (const tile of tiles) {
    const { data } = crop(cover, tile);
    const part = content.slice(start, start + carrier.capacity(freePixels(tile), density));
    start += part.length;
    if (part.length > 0) {
      const free = freeOf(data, tile);
      carrier.write(free, await masked(keys, tile.number + 1, part), density);
      setFree(data, tile, free);
    }
    if (tile.number === 0) {
      const held = described(data, tile.width);
      const length = content.length;
      await description.write(held, keys, { kind, length, density, size, codeId });
      setDescribed(data, tile.width, held);
    }
    await seal(data, tile, size, keys);
    place(data, tile, container);
    progress((tile.number + 1) / tiles.length);
  }
  return container;
}
