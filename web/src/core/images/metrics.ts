// How different two pictures are.

import type { Picture } from './picture';

/** Peak signal-to-noise ratio over RGB in dB, for pictures of one size; Infinity if identical. */
export function psnr(one: Picture, other: Picture): number {
  let sum = 0;
  for (let index = 0; index < one.data.length; index++) {
    const difference = one.data[index] - other.data[index];
    sum += difference * difference;
  }
  return sum === 0 ? Infinity : 10 * Math.log10((255 * 255 * one.data.length) / sum);
}
