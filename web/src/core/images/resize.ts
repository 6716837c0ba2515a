// Resizing: cubic interpolation to enlarge, area averaging to shrink.

import { blank, type Picture } from './picture';

/** The source samples, and their weights, that make each sample along one axis. */
interface Taps {
  readonly first: Int32Array;
  readonly weights: Float32Array;
  readonly count: number;
}

export function resize(picture: Picture, width: number, height: number): Picture {
  if (picture.width === width && picture.height === height) return picture;
  const across = taps(picture.width, width);
  const down = taps(picture.height, height);
  const resized = blank(width, height);
  // Rows of the source at the new width, kept as long as rows of the result need them.
  const narrowed = new Map<number, Float32Array>();
  const sums = new Float32Array(width * 3);
  for (let y = 0; y < height; y++) {
    for (const row of narrowed.keys()) if (row < down.first[y]) narrowed.delete(row);
    sums.fill(0.5);
    for (let tap = 0; tap < down.count; tap++) {
      const weight = down.weights[y * down.count + tap];
      if (weight === 0) continue;
      const row = down.first[y] + tap;
      let samples = narrowed.get(row);
      if (!samples) {
        samples = narrow(picture, row, across, width);
        narrowed.set(row, samples);
      }
      for (let x = 0; x < sums.length; x++) sums[x] += weight * samples[x];
    }
    const at = y * width * 3;
    for (let x = 0; x < sums.length; x++) {
      resized.data[at + x] = Math.max(0, Math.min(255, Math.floor(sums[x])));
    }
  }
  return resized;
}

function narrow(picture: Picture, row: number, across: Taps, width: number): Float32Array {
  const samples = new Float32Array(width * 3);
  const start = row * picture.width * 3;
  for (let x = 0; x < width; x++) {
    for (let tap = 0; tap < across.count; tap++) {
      const weight = across.weights[x * across.count + tap];
      if (weight === 0) continue;
      const at = start + (across.first[x] + tap) * 3;
      samples[3 * x] += weight * picture.data[at];
      samples[3 * x + 1] += weight * picture.data[at + 1];
      samples[3 * x + 2] += weight * picture.data[at + 2];
    }
  }
  return samples;
}

function taps(from: number, to: number): Taps {
  const scale = from / to;
  const shrinks = scale > 1;
  const reach = shrinks ? scale / 2 : 2;
  const count = Math.min(from, Math.ceil(2 * reach) + 1);
  const first = new Int32Array(to);
  const weights = new Float32Array(to * count);
  for (let index = 0; index < to; index++) {
    const centre = (index + 0.5) * scale;
    const start = Math.max(0, Math.min(from - count, Math.floor(centre - reach)));
    first[index] = start;
    // Beyond the border, the outermost source sample is repeated.
    const low = Math.floor(centre - reach);
    for (let source = low; source <= Math.ceil(centre + reach); source++) {
      const weight = shrinks
        ? Math.max(0, Math.min(source + 1, centre + reach) - Math.max(source, centre - reach))
        : cubic(source + 0.5 - centre);
      const within = Math.max(0, Math.min(from - 1, source));
      if (weight !== 0) weights[index * count + within - start] += weight;
    }
    let sum = 0;
    for (let tap = 0; tap < count; tap++) sum += weights[index * count + tap];
    for (let tap = 0; tap < count; tap++) weights[index * count + tap] /= sum;
  }
  return { first, weights, count };
}

/** Cubic convolution with a = -0.75, as in OpenCV (R. Keys, IEEE Trans. ASSP, 1981). */
function cubic(distance: number): number {
  const a = -0.75;
  const x = Math.abs(distance);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return a * (((x - 5) * x + 8) * x - 4);
  return 0;
}
