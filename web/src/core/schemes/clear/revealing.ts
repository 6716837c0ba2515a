// How `clear` finds a container, and reads its payload.

import type { Bytes } from '../../bytes';
import * as carrier from '../../carriers/density';
import type { FileKeys } from '../../crypto/keys';
import { masked } from '../../crypto/keystream';
import { AlteredError } from '../../errors';
import { contains, tilesOf } from '../../images/grid';
import { crop, type Picture } from '../../images/picture';
import type { Damage, Progress } from '../scheme';
import { type Description, find as findDescription, SQUARE } from './description';
import { described, freeOf, freePixels, isIntact } from './tile';

/** Of a container's area that must be there. */
const LEAST_LEFT = 1 / 16;

/** A container that was found. */
export interface Match {
  readonly container: Picture;
  /** What it says of itself. */
  readonly description: Description;
  readonly keys: FileKeys;
}

/** The payload of a container, as far as it is there. */
export interface Content {
  /** Its bytes, with zeros for what is lost. */
  readonly content: Bytes;
  /** Ranges of bytes that are lost, in order. */
  readonly lost: readonly Range[];
  /** Tiles of the container that are damaged or missing. */
  readonly damaged: number;
  readonly tiles: number;
  /** Bytes that the container holds at its density. */
  readonly capacity: number;
}

/** From one index to before another. */
export type Range = readonly [start: number, end: number];

/** What a picture says of itself as a container under a passphrase; null if it says nothing. */
export async function find(container: Picture, passphrase: string): Promise<Match | null> {
  if (Math.min(container.width, container.height) < SQUARE) return null;
  const found = await findDescription(described(container.data, container.width), passphrase);
  return found && { container, ...found };
}

/** Reads the payload of a container, and checks all of its tiles. */
export async function read(
  { container, description, keys }: Match,
  progress: Progress,
): Promise<Content> {
  const { length, density, size } = description;
  // Also, a small container must not ask for much memory.
  if (container.width * container.height < LEAST_LEFT * size.width * size.height) {
    throw nothingLeft();
  }
  const tiles = tilesOf(size);
  const held = tiles.map((tile) => carrier.capacity(freePixels(tile), density));
  const capacity = held.reduce((sum, bytes) => sum + bytes, 0);
  if (length > capacity) throw nothingLeft();
  const content = new Uint8Array(length);
  const lost: Range[] = [];
  let damaged = 0;
  let start = 0;
  for (const tile of tiles) {
    const end = Math.min(start + held[tile.number], length);
    const data = contains(container, tile) ? crop(container, tile).data : null;
    if (!data || !(await isIntact(data, tile, size, keys))) {
      damaged++;
      if (start < end) lost.push([start, end]);
    } else if (start < end) {
      const part = carrier.read(freeOf(data, tile), end - start, density);
      content.set(await masked(keys, tile.number + 1, part), start);
    }
    start = end;
    progress((tile.number + 1) / tiles.length);
  }
  return { content, lost, damaged, tiles: tiles.length, capacity };
}

/** The damage, given how many of the secret's parts are lost; null if there is none. */
export function damageOf(found: Content, lost = 0, parts = 1): Damage | null {
  const { damaged, tiles } = found;
  return damaged > 0 ? { damaged, tiles, lost, parts } : null;
}

/** The error for a container of which nothing can be revealed. */
export function nothingLeft(cause?: AlteredError): AlteredError {
  return new AlteredError(
    'It was altered after a picture was hidden in it, and none of that can be revealed.',
    { cause },
  );
}
