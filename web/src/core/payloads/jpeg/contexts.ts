// How large each coefficient is likely to be, by what is known of those around it.
//
// Coefficients are coded component by component, and within one by frequency, from low to high. Blocks
// of a frequency go in four passes, as on a grid of 2x2: those of later passes have neighbours on all
// sides. The expected magnitude is a sum of known magnitudes around with fixed weights. All numbers are
// whole and below 2^53, so it is the same everywhere. runtime/payloads/jpeg/contexts.py is the reference.

import { type Component, type Headers, UnsupportedJpeg } from './headers';
import { blankPlanes, type Grid, type Planes, POSITIONS } from './planes';
import { errorsOf, undoErrors } from './prediction';

/** Row and column, modulo 2, of the blocks of each pass, and which weights it has. */
const PASSES = [
  { row: 0, column: 0, kind: 0 },
  { row: 1, column: 1, kind: 1 },
  { row: 0, column: 1, kind: 2 },
  { row: 1, column: 0, kind: 2 },
];
/** How many kinds of weights passes have. */
export const KINDS = 3;
/** Components have a class each. */
export const CLASSES = 3;
/** Weights are whole numbers of 1 / SCALE. */
const SCALE = 1 << 12;
/** Expected magnitudes are whole numbers of 1 / FINENESS. */
const FINENESS = 1 << 6;

/** Coefficients of a block around one, (row, column) relative to it, those that matter most first. */
const AROUND = [
  { down: -1, right: 0 },
  { down: 0, right: -1 },
  { down: -1, right: -1 },
  { down: -2, right: 0 },
  { down: 0, right: -2 },
  { down: -1, right: 1 },
  { down: 1, right: -1 },
  { down: -1, right: -2 },
  { down: -2, right: -1 },
];
/** Of these, in the blocks beside it, too. */
const MOST_OUTSIDE = 4;
/** The features before those. */
const OWN = 5;
/** How many numbers a weight each is for. */
export const FEATURES = OWN + AROUND.length + MOST_OUTSIDE;

/** Row and column of each zigzag position: along diagonals, in turns (T.81, figure A.6). */
const ZIGZAG = Array.from({ length: POSITIONS }, (_, place) => [place >> 3, place & 7]).sort(
  ([row, column], [otherRow, otherColumn]) => {
    const sum = row + column;
    return sum - otherRow - otherColumn || (sum % 2 ? row - otherRow : column - otherColumn);
  },
);

/** Zigzag positions of known coefficients around each, without the first of the block. */
const KNOWN_AROUND = ZIGZAG.map(([row, column], position) =>
  AROUND.map(({ down, right }) =>
    ZIGZAG.findIndex((place) => place[0] === row + down && place[1] === column + right),
  ).filter((other) => other > 0 && other < position),
);

/** Writes or reads the coefficients of a pass. */
export interface Coder {
  /**
   * Codes values.
   *
   * @param number Class of the component.
   * @param expected Magnitudes, times `FINENESS`.
   * @param values What to write; filled where they are read.
   */
  code(number: number, expected: Float64Array, values: Int32Array): void;
}

/**
 * Codes all coefficients of a file.
 *
 * @param weights By class of the component, zigzag position, kind of pass, and feature.
 * @param planes Of each component, to write; null to read.
 * @returns The coefficients.
 */
export function codeAll(
  { components }: Headers,
  coder: Coder,
  weights: Uint16Array,
  planes: readonly Planes[] | null,
): readonly Planes[] {
  const done: Known[] = [];
  for (const [number, component] of components.entries()) {
    const before = number === 2 && isSame(component, components[1]) ? done[1] : null;
    const own = planes ? planes[number] : blankPlanes(component);
    const known = new Known(number, component.quantization, own, before, weights);
    const passes = passesOf(own.grid);
    for (let position = 0; position < POSITIONS; position++) {
      for (const pass of passes) {
        const values = known.values(position, pass);
        coder.code(number, known.expected(position, pass), values);
        known.put(position, pass, values);
      }
      known.finish(position);
    }
    done.push(known);
  }
  return done.map((known) => known.planes);
}

function isSame(one: Component, other: Component): boolean {
  return one.rows === other.rows && one.columns === other.columns;
}

interface Pass {
  /** Which weights it has. */
  readonly kind: number;
  /** Of its blocks in a plane. */
  readonly places: Int32Array;
}

function passesOf(grid: Grid): Pass[] {
  return PASSES.map(({ row: top, column: left, kind }) => {
    const places: number[] = [];
    for (let row = top; row < grid.rows; row += 2) {
      for (let column = left; column < grid.columns; column += 2) {
        places.push(grid.at(row, column));
      }
    }
    return { kind, places: Int32Array.from(places) };
  });
}

/** What is known of a component. */
class Known {
  /** Of predictions of the first coefficients: they are what is coded. */
  private readonly errors: Int32Array;
  /** Sum of all magnitudes of each block but the first. */
  private readonly sums: Float64Array;
  /** Differences of mean values across each block, from left to right and from top to bottom. */
  private readonly across: Float64Array;
  private readonly down: Float64Array;

  constructor(
    private readonly number: number,
    private readonly steps: Uint8Array,
    readonly planes: Planes,
    private readonly before: Known | null,
    private readonly weights: Uint16Array,
  ) {
    const { first, grid } = planes;
    this.errors = errorsOf(first, grid);
    this.sums = new Float64Array(grid.size);
    this.across = new Float64Array(grid.size);
    this.down = new Float64Array(grid.size);
  }

  /** What is coded of a frequency. */
  private plane(position: number): Int16Array | Int32Array {
    return position === 0 ? this.errors : this.planes.others[position];
  }

  /** The coefficients of a pass; zeros if they are not known yet. */
  values(position: number, { places }: Pass): Int32Array {
    const plane = this.plane(position);
    const values = new Int32Array(places.length);
    for (let index = 0; index < values.length; index++) values[index] = plane[places[index]];
    return values;
  }

  /** The expected magnitudes of the coefficients of a pass, times `FINENESS`. */
  expected(position: number, { kind, places }: Pass): Float64Array {
    const { number, steps, before, planes } = this;
    const { beside, diagonal } = planes.grid;
    const start = ((number * POSITIONS + position) * KINDS + kind) * FEATURES;
    const weights = this.weights.subarray(start, start + FEATURES);
    const step = steps[position];
    const total = new Float64Array(places.length).fill(weights[0] * step);
    add(total, places, this.sums, weights[1]);
    if (kind > 0) {
      const around = kind === 1 ? diagonal : beside;
      addAround(total, places, this.plane(position), around, weights[2] * step);
    }
    if (before) add(total, places, before.plane(position), weights[3] * before.steps[position]);
    const [row, column] = ZIGZAG[position];
    if ((row === 0) !== (column === 0)) {
      add(total, places, row === 0 ? this.across : this.down, weights[4]);
    }
    for (const [index, other] of KNOWN_AROUND[position].entries()) {
      const plane = planes.others[other];
      add(total, places, plane, weights[OWN + index] * steps[other]);
      if (index < MOST_OUTSIDE) {
        const weight = weights[OWN + AROUND.length + index] * steps[other];
        addAround(total, places, plane, beside, weight);
      }
    }
    const unit = step * (SCALE / FINENESS);
    for (let index = 0; index < total.length; index++) {
      total[index] = Math.floor(total[index] / unit);
    }
    return total;
  }

  /** Adds the coefficients of a pass. */
  put(position: number, { places }: Pass, values: Int32Array): void {
    const plane = this.plane(position);
    for (let index = 0; index < values.length; index++) {
      const at = places[index];
      plane[at] = values[index];
      if (plane[at] !== values[index]) throw new UnsupportedJpeg('a coefficient is out of range');
    }
  }

  /** Prepares what later frequencies look at. */
  finish(position: number): void {
    const { grid, first, others } = this.planes;
    const step = this.steps[position];
    if (position > 0) {
      const plane = others[position];
      for (let at = 0; at < grid.size; at++) this.sums[at] += step * Math.abs(plane[at]);
      return;
    }
    undoErrors(this.errors, grid, first);
    for (let row = 0; row < grid.rows; row++) {
      const above = row === 0 ? 0 : grid.stride;
      const below = row === grid.rows - 1 ? 0 : grid.stride;
      for (let column = 0; column < grid.columns; column++) {
        const at = grid.at(row, column);
        const left = column === 0 ? at : at - 1;
        const right = column === grid.columns - 1 ? at : at + 1;
        this.across[at] = step * Math.abs(first[right] - first[left]);
        this.down[at] = step * Math.abs(first[at + below] - first[at - above]);
      }
    }
  }
}

type Plane = Int16Array | Int32Array | Float64Array;

/** Adds magnitudes of a plane, times a weight. */
function add(total: Float64Array, places: Int32Array, plane: Plane, weight: number): void {
  for (let index = 0; index < places.length; index++) {
    total[index] += weight * Math.abs(plane[places[index]]);
  }
}

/** Adds the magnitudes at four steps from each place, times a weight. */
function addAround(
  total: Float64Array,
  places: Int32Array,
  plane: Plane,
  [one, two, three, four]: readonly number[],
  weight: number,
): void {
  for (let index = 0; index < places.length; index++) {
    const at = places[index];
    total[index] +=
      weight *
      (Math.abs(plane[at + one]) +
        Math.abs(plane[at + two]) +
        Math.abs(plane[at + three]) +
        Math.abs(plane[at + four]));
  }
}
