// Shared by several tests: byte sequences and pseudorandom pictures.

import { bigEndian, concat } from '../src/core/bytes';
import type { Picture, Rectangle, Size } from '../src/core/images/picture';

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

/** The start of an AV1 stream of a still picture. */
export function still({ width, height }: Size): Uint8Array<ArrayBuffer> {
  const bits = (value: number, count: number) => value.toString(2).padStart(count, '0');
  const sides = [width, height].map((side) => bits(side - 1, 16)).join('');
  // A reduced header, of profile and level 0, with sides of 16 bits.
  const header = Number.parseInt(`0001100000${'1111'.repeat(2)}${sides}000000`, 2);
  return concat(Uint8Array.of(0x12, 0, 0x0a, 7), bigEndian(header, 7));
}
