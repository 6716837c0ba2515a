// Pictures as everything after decoding sees them: 8-bit RGB samples in raster order.

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Picture extends Size {
  /** height x width x 3 levels, 0 to 255. */
  readonly data: Uint8Array;
}

/** Largest picture: with more pixels, browsers on small machines run out of memory. */
export const MAX_PIXELS = 50_000_000;

export interface Rectangle extends Size {
  readonly top: number;
  readonly left: number;
}

export function blank(width: number, height: number): Picture {
  return { width, height, data: new Uint8Array(width * height * 3) };
}

/** Copies a rectangle of `source` to a position in `target`. */
export function copyRectangle(
  source: Picture,
  rectangle: Rectangle,
  target: Picture,
  top: number,
  left: number,
): void {
  for (let row = 0; row < rectangle.height; row++) {
    const start = ((rectangle.top + row) * source.width + rectangle.left) * 3;
    const samples = source.data.subarray(start, start + rectangle.width * 3);
    target.data.set(samples, ((top + row) * target.width + left) * 3);
  }
}

/** A copy of a rectangle of a picture. */
export function crop(picture: Picture, rectangle: Rectangle): Picture {
  const cropped = blank(rectangle.width, rectangle.height);
  copyRectangle(picture, rectangle, cropped, 0, 0);
  return cropped;
}

/** A level of a pixel that is put on white, with an opacity of 0 to 255. */
export function onWhite(level: number, opacity: number): number {
  return Math.round((level * opacity + 255 * (255 - opacity)) / 255);
}
