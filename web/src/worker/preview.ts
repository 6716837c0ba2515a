// Bitmaps to look at: what the page shows of pictures that may be far larger than a screen.

import { blank, type Picture } from '../core/picture';

const MOST_PIXELS = 3_000_000;

/** A bitmap of a picture, averaged down where the picture is large. */
export function preview(picture: Picture): Promise<ImageBitmap> {
  const step = Math.ceil(Math.sqrt((picture.width * picture.height) / MOST_PIXELS));
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

/** How far two pictures are apart, sample by sample, amplified. */
export function difference(one: Picture, other: Picture, gain: number): Picture {
  const made = blank(one.width, one.height);
  for (let i = 0; i < made.data.length; i++) {
    made.data[i] = Math.min(255, gain * Math.abs(one.data[i] - other.data[i]));
  }
  return made;
}
