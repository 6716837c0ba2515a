// Picture files to samples, in a worker. Containers must be PNG and are decoded exactly; covers
// and secrets may be whatever the browser can show.

import { PictureError } from './errors';
import { formatOf } from './formats';
import { blank, MOST_PIXELS, type Picture } from './picture';
import { decodePng, isPng, pngSize } from './png';

/** Rows that go through a canvas at once: it need not be as large as the picture. */
const STRIP = 512;

/** Reads a cover or a secret. */
export async function readPicture(file: Blob): Promise<Picture> {
  const content = await bytesOf(file);
  if (isPng(content)) return readPng(content, 'white');
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, {
      colorSpaceConversion: 'none',
      imageOrientation: 'from-image',
      premultiplyAlpha: 'none',
    });
  } catch (error) {
    const format = formatOf(content);
    throw new PictureError(
      format
        ? `This ${format.name} file is damaged, or this browser cannot read ${format.name}. ` +
            'Save it as PNG or JPEG first.'
        : 'This is not a picture that can be read. PNG, JPEG, WebP and AVIF are.',
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

/** Reads a container, whose samples must be exactly those that were written. */
export async function readContainer(file: Blob): Promise<Picture> {
  const content = await bytesOf(file);
  if (isPng(content)) return readPng(content, 'drop');
  const format = formatOf(content);
  if (!format) {
    throw new PictureError('This is not a picture. A container is a PNG file.');
  }
  if (!format.lossless) {
    throw new PictureError(
      `This is a ${format.name} file. Saving a container as ${format.name} changes its samples ` +
        'and destroys what is hidden. Use the PNG file as it was downloaded.',
    );
  }
  throw new PictureError(
    `This is a ${format.name} file; this page reads containers from PNG only. Save it as PNG, ` +
      'or reveal it with the command line program.',
  );
}

async function bytesOf(file: Blob): Promise<Uint8Array<ArrayBuffer>> {
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

function checkSize({ width, height }: { width: number; height: number }): void {
  if (width * height > MOST_PIXELS) {
    throw new PictureError(
      `This picture has ${megapixels(width * height)} megapixels. This page takes up to ` +
        `${megapixels(MOST_PIXELS)}; make it smaller, or use the command line program.`,
    );
  }
}

function megapixels(pixels: number): string {
  return (pixels / 1e6).toFixed(0);
}

function samplesOf(bitmap: ImageBitmap): Picture {
  const { width, height } = bitmap;
  const made = blank(width, height);
  const canvas = new OffscreenCanvas(width, Math.min(STRIP, height));
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new PictureError('This browser is out of memory for pictures.');
  for (let top = 0, to = 0; top < height; top += STRIP) {
    const rows = Math.min(STRIP, height - top);
    context.fillStyle = 'white';
    context.fillRect(0, 0, width, rows);
    context.drawImage(bitmap, 0, -top);
    const { data } = context.getImageData(0, 0, width, rows);
    for (let from = 0; from < data.length; from += 4) {
      made.data[to++] = data[from];
      made.data[to++] = data[from + 1];
      made.data[to++] = data[from + 2];
    }
  }
  return made;
}
