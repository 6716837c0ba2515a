// What several tests need: bytes from text, and pseudo-random pictures.

import type { Picture } from '../src/core/picture';

export function range(count: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: count }, (_, index) => index);
}

/** Uniform bytes, the same for the same seed. */
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
