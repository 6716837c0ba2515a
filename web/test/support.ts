// Shared by several tests: byte sequences and pseudorandom pictures.

import type { Picture, Rectangle } from '../src/core/images/picture';

export function range(count: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: count }, (_, index) => index);
}

/** Uniformly distributed bytes, the same for the same seed. */
export function random(count: number, seed: number): Uint8Array<ArrayBuffer> {
  let state = seed >>> 0;
  return Uint8Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

export function randomPicture(width: number, height: number, seed = 1): Picture {
  return { width, height, data: random(width * height * 3, seed) };
}

/** The numbers of rectangles that pixels are in: {1} if every pixel is in exactly one. */
export function coverage(height: number, width: number, rectangles: Rectangle[]): Set<number> {
  const times = new Uint8Array(height * width);
  for (const { top, left, height: rows, width: columns } of rectangles) {
    for (let y = top; y < top + rows; y++) {
      for (let x = left; x < left + columns; x++) times[y * width + x]++;
    }
  }
  return new Set(times);
}
