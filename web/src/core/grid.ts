// How `clear` cuts a picture into self-contained tiles; part of the format.

import type { Rectangle } from './picture';

/** Most pixels a side of a tile. */
export const LARGEST = 512;

/** Fewest pixels a side of a picture; what all cuts but the picture's end are multiples of. */
export const SMALLEST = 16;

export interface Cell extends Rectangle {
  /** From the top left, row by row, from 0. */
  readonly number: number;
}

/** Cuts a picture of at least 16 x 16 pixels into tiles of nearly equal size. */
export function cells(height: number, width: number): Cell[] {
  const columns = cuts(width);
  return cuts(height).flatMap(([top, bottom], row) =>
    columns.map(([left, right], column) => ({
      number: row * columns.length + column,
      top,
      left,
      height: bottom - top,
      width: right - left,
    })),
  );
}

/** Tiles of one shape together, at most `most` at a time. */
export function batches(tiles: readonly Cell[], most: number): Cell[][] {
  const shapes = new Map<string, Cell[]>();
  for (const tile of tiles) {
    const shape = `${tile.height}x${tile.width}`;
    shapes.set(shape, [...(shapes.get(shape) ?? []), tile]);
  }
  const made: Cell[][] = [];
  for (const alike of shapes.values()) {
    for (let start = 0; start < alike.length; start += most) {
      made.push(alike.slice(start, start + most));
    }
  }
  return made;
}

function cuts(side: number): [number, number][] {
  const count = Math.ceil(side / LARGEST);
  const quads = Math.ceil(side / SMALLEST);
  const end = (part: number) => Math.min(Math.floor((part * quads) / count) * SMALLEST, side);
  return Array.from({ length: count }, (_, part) => [end(part), end(part + 1)]);
}
