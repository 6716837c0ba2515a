// What a user should know of a cover before its container is shown to others.

import type { Picture } from '../../images/picture';

const CLIPPED_SHARE = 0.1;

/** Notes on a cover that hiding changes more visibly than others, each a short phrase. */
export function notesOn(cover: Picture): string[] {
  const clipped = clippedShare(cover);
  if (clipped < CLIPPED_SHARE) return [];
  return [
    `${Math.round(100 * clipped)}% of its pixels are pure white or black, which hiding makes ` +
      'slightly grey or coloured',
  ];
}

/** Share of the pixels whose samples are all 255 or all 0. */
function clippedShare({ data }: Picture): number {
  let count = 0;
  for (let at = 0; at < data.length; at += 3) {
    const level = data[at];
    if ((level === 0 || level === 255) && data[at + 1] === level && data[at + 2] === level) count++;
  }
  return (3 * count) / data.length;
}
