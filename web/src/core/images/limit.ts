// The limit on hidden pictures, which holds before memory is taken for them.

import { PictureError } from '../errors';
import { MAX_PIXELS, type Size } from './picture';

/** Throws an error for a hidden picture that has too many pixels. */
export function refuseLarge({ width, height }: Size, maxPixels = MAX_PIXELS): void {
  if (width * height <= maxPixels) return;
  throw new PictureError(
    `The hidden picture has ${width} x ${height} pixels, more than the ` +
      `${maxPixels.toLocaleString('en')} allowed. Reveal it with the command line program.`,
  );
}
