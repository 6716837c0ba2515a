// Bitmaps for display, of pictures that may be far larger than a screen.

import { blank, type Picture } from '../core/images/picture';

const MAX_PREVIEW_PIXELS = 3_000_000;

/** A bitmap of a picture, averaged down if the picture is large. */
export function preview(picture: Picture): Promise<ImageBitmap> {
  const step = Math.ceil(Math.sqrt((picture.width * picture.height) / MAX_PREVIEW_PIXELS));
  const width = Math.max(1, Math.floor(picture.width / step));
  const height = Math.max(1, Math.floor(picture.height / step));
  const image = new ImageData(width, height);
  const rows = Math.min(step, picture.height);
  const columns = Math.min(step, picture.width);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 4) {
      for (let colour = 0; colour < 3; colour++) {
        let sum = 0;
        for (let row = 0; row < rows; row++) {
          const at = ((y * step + row) * picture.width + x * step) * 3 + colour;
          for (let column = 0; column < columns; column++) sum += picture.data[at + 3 * column];
        }
        image.data[to + colour] = sum / (rows * columns);
      }
      image.data[to + 3] = 255;
    }
  }
  return createImageBitmap(image);
}

/** The absolute difference of two pictures of one size, amplified by `gain`. */
export function difference(one: Picture, other: Picture, gain: number): Picture {
  const amplified = blank(one.width, one.height);
  for (let index = 0; index < amplified.data.length; index++) {
    amplified.data[index] = Math.min(255, gain * Math.abs(one.data[index] - other.data[index]));
  }
  return amplified;
}
