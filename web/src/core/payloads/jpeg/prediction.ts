// First coefficients, predicted by the median edge detector of LOCO-I (Weinberger, Seroussi and
// Sapiro, 2000).

import type { Grid } from './planes';

/** What first coefficients have more than is predicted by those to the left and above. */
export function errorsOf(means: Int32Array, grid: Grid): Int32Array {
  const errors = new Int32Array(grid.size);
  eachPrediction(means, grid, (at, predicted) => {
    errors[at] = means[at] - predicted;
  });
  return errors;
}

/** The inverse of `errorsOf`; fills `means`, which has to be zeros. */
export function undoErrors(errors: Int32Array, grid: Grid, means: Int32Array): void {
  eachPrediction(means, grid, (at, predicted) => {
    means[at] = errors[at] + predicted;
  });
}

/** Calls a function for each block, when those before it are known. */
function eachPrediction(
  means: Int32Array,
  grid: Grid,
  each: (at: number, predicted: number) => void,
): void {
  for (let row = 0; row < grid.rows; row++) {
    for (let column = 0; column < grid.columns; column++) {
      const at = grid.at(row, column);
      const [left, above] = [means[at - 1], means[at - grid.stride]];
      // Beyond the border all are 0.
      let predicted = left + above;
      if (row > 0 && column > 0) {
        const [low, high] = left < above ? [left, above] : [above, left];
        const plane = (left + above - means[at - grid.stride - 1]) | 0;
        predicted = Math.min(Math.max(plane, low), high);
      }
      each(at, predicted);
    }
  }
}
