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

/** The first tile alone: sizes that are not to be trusted yet may have very many. */
export function firstCell(height: number, width: number): Cell {
  return { number: 0, top: 0, left: 0, height: cut(height, 1), width: cut(width, 1) };
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
  return Array.from({ length: count }, (_, part) => [cut(side, part), cut(side, part + 1)]);
}

/** Where a part of a side begins. */
function cut(side: number, part: number): number {
  const count = Math.ceil(side / LARGEST);
  const quads = Math.ceil(side / SMALLEST);
  return Math.min(Math.floor((part * quads) / count) * SMALLEST, side);
}
