// Pictures of any size through a network of bounded reach, in overlapping tiles: flat memory,
// and the same result as of the whole picture at once.

import type { Rectangle } from './picture';

export interface HaloTile {
  /** What the network is given. */
  readonly read: Rectangle;
  /** What is kept of what it makes, as a place in the picture. */
  readonly write: Rectangle;
}

/**
 * Cuts a picture so that the parts written cover it once, each read with its surroundings.
 *
 * At the picture's own border there is no halo: the network pads there as it would have padded
 * the whole picture.
 *
 * @param halo How many pixels the network looks beyond the one that it writes.
 * @param side Most pixels a side of what is written.
 */
export function haloTiles(height: number, width: number, halo: number, side: number): HaloTile[] {
  return spans(height, halo, side).flatMap((rows) =>
    spans(width, halo, side).map((columns) => ({
      read: {
        top: rows.readStart,
        left: columns.readStart,
        height: rows.readStop - rows.readStart,
        width: columns.readStop - columns.readStart,
      },
      write: {
        top: rows.start,
        left: columns.start,
        height: rows.stop - rows.start,
        width: columns.stop - columns.start,
      },
    })),
  );
}

function spans(length: number, halo: number, side: number) {
  return Array.from({ length: Math.ceil(length / side) }, (_, part) => {
    const start = part * side;
    const stop = Math.min(start + side, length);
    return {
      start,
      stop,
      readStart: Math.max(start - halo, 0),
      readStop: Math.min(stop + halo, length),
    };
  });
}
