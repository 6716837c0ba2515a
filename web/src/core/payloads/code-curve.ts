// How the bits and the error of a picture depend on the quantizer index, from few samples of it.
// runtime/payloads/code_curve.py is the reference.

import type { Network, Run } from '../engine/network';
import { int64, pictures, scalar } from '../engine/tensors';
import { blank, copyRectangle, type Picture } from '../images/picture';
import { ADAPTIVE_WORDS, QINDICES, WORD } from './code-bytes';

/** Scores say so many times the bits that are taken. */
const SCORES = 1.07;
/**
 * A picture is sampled in pieces of so many pixels per side, in so many rows and columns of them: if it
 * is small, and if it is large.
 */
const PIECE = 32;
export const [PIECES, LARGE_PIECES] = [4, 7];
export const LARGE = 1024 * 1024;
const SPACING = 96;
export const GRID = [0, 96, 192, 288, 384, QINDICES - 1];
/** Bits of the adaptive scales of a tile. */
export const ADAPTIVE_BITS = 8 * WORD * ADAPTIVE_WORDS;

/** Bits, and squared error in squared levels over all samples, at the indices of `GRID`. */
export interface Curve {
  readonly bits: readonly number[];
  readonly error: readonly number[];
}

/** The least index, not whole, at which so many bits are enough; or else the last. */
export function qindexFor({ bits }: Curve, enough: number): number {
  let [low, high] = [0, QINDICES - 1];
  if (at(bits, low) <= enough) return low;
  for (let time = 0; time < 20; time++) {
    const middle = (low + high) / 2;
    if (at(bits, middle) > enough) low = middle;
    else high = middle;
  }
  return high;
}

/** Interpolates logarithms of values of a curve, by cubics with the slopes of Catmull and Rom. */
export function at(values: readonly number[], qindex: number): number {
  const logs = values.map((value) => Math.log(Math.max(value, 1e-9)));
  const last = logs.length - 1;
  const place = Math.min(Math.floor(qindex / SPACING), last - 1);
  const before = Math.max(place - 1, 0);
  const after = Math.min(place + 2, last);
  const length = GRID[place + 1] - GRID[place];
  const slope = (from: number, to: number) =>
    ((logs[to] - logs[from]) * length) / (GRID[to] - GRID[from]);
  const first = slope(before, place + 1);
  const second = slope(place, after);
  const change = logs[place + 1] - logs[place];
  const t = (qindex - GRID[place]) / length;
  const square = t * t * (3 * change - 2 * first - second);
  return Math.exp(logs[place] + t * first + square + t ** 3 * (first + second - 2 * change));
}

/** Pieces from everywhere in pictures, so many per side of each, put side by side. */
export function mosaic(parts: readonly Picture[], pieces: number): Picture {
  const rows = cutsOf(Math.min(...parts.map(({ height }) => height)), pieces);
  const columns = cutsOf(Math.min(...parts.map(({ width }) => width)), pieces);
  const [height, width] = [rows, columns].map((cuts) => cuts.length * cuts[0].length);
  const joined = blank(width, height * parts.length);
  for (const [part, picture] of parts.entries()) {
    for (const [row, { start: top, length }] of rows.entries()) {
      for (const [column, { start: left, length: across }] of columns.entries()) {
        const piece = { top, left, height: length, width: across };
        copyRectangle(picture, piece, joined, part * height + row * length, column * across);
      }
    }
  }
  return joined;
}

/** Where pieces are taken from along one side; all have one length. */
function cutsOf(side: number, pieces: number): { start: number; length: number }[] {
  if (side <= pieces * PIECE) return [{ start: 0, length: side }];
  return Array.from({ length: pieces }, (_, number) => ({
    start: Math.floor(((number + 0.5) * side) / pieces) - PIECE / 2,
    length: PIECE,
  }));
}

/** The curve of a picture of so many samples, of which some are known. */
export async function curveOf(
  estimate: Network,
  sample: Picture,
  samples: number,
  adaptive: boolean,
): Promise<Curve> {
  const share = samples / sample.data.length;
  const { bits, error } = await estimated(estimate, sample, GRID, adaptive);
  const scales = adaptive ? ADAPTIVE_BITS : 0;
  return {
    bits: bits.map((value) => share * (value - scales)),
    error: error.map((value) => share * value),
  };
}

/** Bits and squared error of a picture at some indices, from few samples. */
export async function estimated(
  estimate: Network,
  tile: Picture,
  qindices: readonly number[],
  adaptive: boolean,
): Promise<{ bits: number[]; error: number[] }> {
  const run = estimateRun([tile], [qindices], adaptive, false);
  const [bits, error] = (await estimate.run(run)) as [Float32Array, Float32Array];
  return { bits: Array.from(bits, (value) => value / SCORES), error: [...error] };
}

/**
 * What tiles of one size would take and lose, and, if exact, what is chosen for them.
 *
 * @param qindices Of each tile, as many.
 * @param exact Whether from all blocks and the symbols of many, rather than few samples.
 */
export function estimateRun(
  tiles: readonly Picture[],
  qindices: readonly (readonly number[])[],
  adaptive: boolean,
  exact: boolean,
): Run {
  return {
    inputs: {
      secret: pictures(tiles),
      qindices: int64(qindices.flat(), qindices[0].length),
      adaptive: scalar(Number(adaptive)),
      exact: scalar(Number(exact)),
    },
    outputs: ['bits', 'error', 'choices'],
  };
}
