// The coefficients of a component, by frequency. Each frequency has a plane of all blocks, with a border
// of zeros, so that every block has neighbours.

import type { Component } from './headers';

/** Coefficients of a block. */
export const POSITIONS = 64;

/** The blocks of a component, and where they are in a plane. */
export class Grid {
  /** From a block to the one below. */
  readonly stride: number;
  /** Blocks, with the border. */
  readonly size: number;
  /** From a block to those beside it, and to those diagonally beside it. */
  readonly beside: readonly number[];
  readonly diagonal: readonly number[];

  constructor(
    readonly rows: number,
    readonly columns: number,
  ) {
    const stride = columns + 2;
    this.stride = stride;
    this.size = (rows + 2) * stride;
    this.beside = [-stride, stride, -1, 1];
    this.diagonal = [-stride - 1, -stride + 1, stride - 1, stride + 1];
  }

  /** The place of a block. */
  at(row: number, column: number): number {
    return (row + 1) * this.stride + column + 1;
  }
}

/** Coefficients, quantized. */
export interface Planes {
  readonly grid: Grid;
  /** The first of each block. */
  readonly first: Int32Array;
  /** The others by zigzag position, at most 15 bits and a sign; nothing at position 0. */
  readonly others: readonly Int16Array[];
}

/** Zeros for all coefficients of a component. */
export function blankPlanes({ rows, columns }: Pick<Component, 'rows' | 'columns'>): Planes {
  const grid = new Grid(rows, columns);
  const others = Array.from(
    { length: POSITIONS },
    (_, position) => new Int16Array(position === 0 ? 0 : grid.size),
  );
  return { grid, first: new Int32Array(grid.size), others };
}
