// Overlapping tiles: with them a convolutional network processes pictures of any size in little
// memory, and the result is the same as for the whole picture at once.

import type { Rectangle } from '../../images/picture';

export interface HaloTile {
  /** What the network is given. */
  readonly read: Rectangle;
  /** The part of its output that is kept, as a position in the picture. */
  readonly write: Rectangle;
}

/**
 * Divides a picture so that every pixel is written once, and each tile is read with its
 * surroundings, the halo.
 *
 * There is no halo beyond the border of the picture, where the network pads by itself, as it would
 * for the whole picture.
 *
 * @param halo Pixels that the network looks beyond the one that it writes.
 * @param side Largest side in pixels of what a tile writes.
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
  return Array.from({ length: Math.ceil(length / side) }, (_, index) => {
    const start = index * side;
    const stop = Math.min(start + side, length);
    return {
      start,
      stop,
      readStart: Math.max(start - halo, 0),
      readStop: Math.min(stop + halo, length),
    };
  });
}
