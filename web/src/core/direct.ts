// `classic`: networks that map pictures to pictures, in overlapping tiles.

import type { Progress } from './coded';
import { haloTiles } from './halo';
import { blank, copyRectangle, crop, type Picture } from './picture';
import { resize } from './resize';

/** A network on pictures of one size; gives one of the same size. */
export type DirectGraph = (pictures: Picture[]) => Promise<Picture>;

/** Pixels a side of what one run of the network writes: small enough to show progress. */
const TILE = 256;

/** Hides a secret, stretched to the cover's size. */
export function hide(
  graph: DirectGraph,
  cover: Picture,
  secret: Picture,
  halo: number,
  progress: Progress,
): Promise<Picture> {
  const fitted = resize(secret, cover.width, cover.height);
  return inTiles(graph, [cover, fitted], halo, progress);
}

/** Reveals a secret, of the container's size. */
export function reveal(
  graph: DirectGraph,
  container: Picture,
  halo: number,
  progress: Progress,
): Promise<Picture> {
  return inTiles(graph, [container], halo, progress);
}

async function inTiles(
  graph: DirectGraph,
  pictures: Picture[],
  halo: number,
  progress: Progress,
): Promise<Picture> {
  const { width, height } = pictures[0];
  const made = blank(width, height);
  const tiles = haloTiles(height, width, halo, TILE);
  for (const [index, { read, write }] of tiles.entries()) {
    const tile = await graph(pictures.map((picture) => crop(picture, read)));
    const inner = { ...write, top: write.top - read.top, left: write.left - read.left };
    copyRectangle(tile, inner, made, write.top, write.left);
    progress((index + 1) / tiles.length);
  }
  return made;
}
