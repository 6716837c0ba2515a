// What a picture is in here: 8-bit RGB samples in raster order, and nothing else.

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** height x width x 3 levels, 0 to 255. */
  readonly data: Uint8Array;
}

/** Most pixels of a picture: beyond, browsers on small machines run out of memory. */
export const MOST_PIXELS = 50_000_000;

export interface Rectangle {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

export function blank(width: number, height: number): Picture {
  return { width, height, data: new Uint8Array(width * height * 3) };
}

/** Copies a rectangle of `from` to a place in `to`. */
export function copyRectangle(
  from: Picture,
  rectangle: Rectangle,
  to: Picture,
  top: number,
  left: number,
): void {
  for (let row = 0; row < rectangle.height; row++) {
    const start = ((rectangle.top + row) * from.width + rectangle.left) * 3;
    const samples = from.data.subarray(start, start + rectangle.width * 3);
    to.data.set(samples, ((top + row) * to.width + left) * 3);
  }
}

/** A rectangle of a picture as a picture of its own. */
export function crop(picture: Picture, rectangle: Rectangle): Picture {
  const made = blank(rectangle.width, rectangle.height);
  copyRectangle(picture, rectangle, made, 0, 0);
  return made;
}

/** Peak signal-to-noise ratio over RGB in dB, of two pictures of one size; Infinity if alike. */
export function psnr(one: Picture, other: Picture): number {
  let sum = 0;
  for (let i = 0; i < one.data.length; i++) {
    const difference = one.data[i] - other.data[i];
    sum += difference * difference;
  }
  return sum === 0 ? Infinity : 10 * Math.log10((255 * 255 * one.data.length) / sum);
}
