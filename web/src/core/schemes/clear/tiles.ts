// How `clear` divides a picture into independent tiles; part of the file format.

import { copyRectangle, type Picture, type Rectangle } from '../../images/picture';

/** Largest side of a tile in pixels. */
export const MAX_TILE = 512;

/** Smallest side of a picture in pixels. Tiles begin at multiples of it: it is a macroblock. */
export const MIN_SIDE = 16;

export interface Tile extends Rectangle {
  /** From the top left, row by row, from 0. */
  readonly number: number;
}

/** Divides a picture of at least 16 x 16 pixels into tiles of nearly equal size. */
export function tilesOf(height: number, width: number): Tile[] {
  const columns = spans(width);
  return spans(height).flatMap(([top, bottom], row) =>
    columns.map(([left, right], column) => ({
      number: row * columns.length + column,
      top,
      left,
      height: bottom - top,
      width: right - left,
    })),
  );
}

/** Only the first tile: sizes that are not verified yet may mean millions of tiles. */
export function firstTile(height: number, width: number): Tile {
  return { number: 0, top: 0, left: 0, height: start(height, 1), width: start(width, 1) };
}

/** Tiles of one size together, at most `most` at a time. */
export function batches(tiles: readonly Tile[], most: number): Tile[][] {
  const bySize = new Map<string, Tile[]>();
  for (const tile of tiles) {
    const size = `${tile.height}x${tile.width}`;
    bySize.set(size, [...(bySize.get(size) ?? []), tile]);
  }
  const all: Tile[][] = [];
  for (const alike of bySize.values()) {
    for (let first = 0; first < alike.length; first += most) {
      all.push(alike.slice(first, first + most));
    }
  }
  return all;
}

/** Whether a picture is large enough to contain a tile. */
export function contains(picture: Picture, tile: Tile): boolean {
  return tile.top + tile.height <= picture.height && tile.left + tile.width <= picture.width;
}

/** Copies a tile's samples to its position in a picture. */
export function place(samples: Uint8Array, tile: Tile, picture: Picture): void {
  const { width, height, top, left } = tile;
  const source = { width, height, data: samples };
  copyRectangle(source, { top: 0, left: 0, width, height }, picture, top, left);
}

function spans(side: number): [number, number][] {
  const count = Math.ceil(side / MAX_TILE);
  return Array.from({ length: count }, (_, index) => [start(side, index), start(side, index + 1)]);
}

/** Where tile `index` along a side begins. */
function start(side: number, index: number): number {
  const count = Math.ceil(side / MAX_TILE);
  const macroblocks = Math.ceil(side / MIN_SIDE);
  return Math.min(Math.floor((index * macroblocks) / count) * MIN_SIDE, side);
}
