// Picture files to samples, inside a worker. Containers have to be PNG files and are decoded
// exactly; covers and secrets can be any picture that the browser can show.

import { PictureError } from '../errors';
import { FORMATS, formatOf, namesOf, PNG } from './formats';
import { blank, MAX_PIXELS, type Picture, type Size } from './picture';
import { decodePng, pngSize } from './png';

/** Rows drawn to a canvas at a time, so that the canvas can be smaller than the picture. */
const STRIP = 512;

/** Reads a cover or a secret. */
export async function readPicture(file: Blob): Promise<Picture> {
  const content = await contentOf(file);
  const format = formatOf(content);
  if (format === PNG) return readPng(content, 'white');
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, {
      colorSpaceConversion: 'none',
      imageOrientation: 'from-image',
      premultiplyAlpha: 'none',
    });
  } catch (error) {
    const universal = FORMATS.filter((each) => each.universal);
    throw new PictureError(
      format
        ? `This ${format.name} file is damaged, or this browser does not support ${format.name}. ` +
            'Save it as PNG or JPEG first.'
        : `This is not a supported picture file. Supported formats are ${namesOf(universal)}.`,
      { cause: error },
    );
  }
  try {
    checkSize(bitmap);
    return samplesOf(bitmap);
  } finally {
    bitmap.close();
  }
}

/** Reads a container, whose samples have to be exactly those that were written. */
export async function readContainer(file: Blob): Promise<Picture> {
  const content = await contentOf(file);
  const format = formatOf(content);
  if (format === PNG) return readPng(content, 'drop');
  const readable = namesOf(FORMATS.filter((each) => each.container));
  if (!format) {
    throw new PictureError(
      `This is not a supported picture file. A container is a ${readable} file.`,
    );
  }
  if (!format.lossless) {
    throw new PictureError(
      `This is a ${format.name} file. Saving a container as ${format.name} changes its pixels ` +
        `and destroys the hidden picture. Use the original ${readable} file.`,
    );
  }
  throw new PictureError(
    `This is a ${format.name} file, but this page reads containers only from ${readable} files. ` +
      `Save it as ${readable}, or reveal it with the command line program.`,
  );
}

async function contentOf(file: Blob): Promise<Uint8Array<ArrayBuffer>> {
  let content: ArrayBuffer;
  try {
    content = await file.arrayBuffer();
  } catch (error) {
    throw new PictureError('The file cannot be read. Was it moved or deleted?', { cause: error });
  }
  if (content.byteLength === 0) throw new PictureError('The file is empty.');
  return new Uint8Array(content);
}

function readPng(content: Uint8Array, transparency: 'drop' | 'white'): Picture {
  checkSize(pngSize(content));
  return decodePng(content, transparency);
}

function checkSize({ width, height }: Size): void {
  if (width * height > MAX_PIXELS) {
    throw new PictureError(
      `This picture has ${megapixels(width * height)} megapixels; this page accepts up to ` +
        `${megapixels(MAX_PIXELS)}. Make it smaller, or use the command line program.`,
    );
  }
}

function megapixels(pixels: number): string {
  return (pixels / 1e6).toFixed(0);
}

function samplesOf(bitmap: ImageBitmap): Picture {
  const { width, height } = bitmap;
  const picture = blank(width, height);
  const canvas = new OffscreenCanvas(width, Math.min(STRIP, height));
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new PictureError('This browser has run out of memory for pictures.');
  for (let top = 0, to = 0; top < height; top += STRIP) {
    const rows = Math.min(STRIP, height - top);
    context.fillStyle = 'white';
    context.fillRect(0, 0, width, rows);
    context.drawImage(bitmap, 0, -top);
    const { data } = context.getImageData(0, 0, width, rows);
    for (let from = 0; from < data.length; from += 4) {
      picture.data[to++] = data[from];
      picture.data[to++] = data[from + 1];
      picture.data[to++] = data[from + 2];
    }
  }
  return picture;
}
