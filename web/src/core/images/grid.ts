// How a picture is cut into self-contained tiles; part of the file format.

import { copyRectangle, type Picture, type Rectangle, type Size } from './picture';

/** Largest side of a tile in pixels. */
const MAX_TILE = 512;

/** Cuts are at multiples of it, in pixels. */
const MACROBLOCK = 16;

export interface Tile extends Rectangle {
  /** From the top left, row by row, from 0. */
  readonly number: number;
}

/** Divides a picture into tiles of nearly equal size. */
export function tilesOf({ width, height }: Size): Tile[] {
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
  const macroblocks = Math.ceil(side / MACROBLOCK);
  return Math.min(Math.floor((index * macroblocks) / count) * MACROBLOCK, side);
}
