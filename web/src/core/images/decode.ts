// Picture files to samples, inside a worker. Containers have to be PNG files and are decoded
// exactly; covers and secrets can be any picture that the browser can show.

import { type Bytes, fromHex } from '../bytes';
import { ContainerError, PictureError } from '../errors';
import { avifOf } from './avif-file';
import { AVIF, FORMATS, type Format, formatOf, JPEG, namesOf, PNG } from './formats';
import { sizeOf } from './header';
import type { Image } from './image';
import { refuseLarge } from './limit';
import { blank, MAX_PIXELS, onWhite, type Picture, type Size } from './picture';
import { decodePng, hasProfile } from './png';
import { jpegSegments, SCAN } from './segments';

/** Rows drawn to a canvas at a time, so that the canvas can be smaller than the picture. */
const STRIP = 512;

/** Scans of a JPEG that the Python package reads. Encoders write about 10. */
const MAX_SCANS = 64;

/** A small grey square. */
const SMALL_AVIF = avifOf(
  { width: 8, height: 8 },
  fromHex('000c'),
  fromHex('12000a081808bf688086834232101ff7878515dfffffe2c00000903597f0'),
);

/** Reads a cover. Its colours stay as its file has them. */
export async function readCover(file: Blob): Promise<Picture> {
  const content = await contentOf(file);
  const format = formatOf(content);
  checkSize(format && sizeOf(content, format));
  return (await decoded(content, format, 'none')).picture;
}

/** Reads a secret, in sRGB, since no colour profile travels with pixels. */
export async function readSecret(file: Blob): Promise<Image> {
  const content = await contentOf(file);
  const format = formatOf(content);
  checkSize(format && sizeOf(content, format));
  const { picture, plain } = await decoded(content, format, 'default');
  const known = format ?? { ...PNG, carried: false };
  return { picture, plain, format: known, content: isCarried(known, content) ? content : null };
}

/** Reads a container, whose samples have to be exactly those that were written. */
export async function readContainer(file: Blob): Promise<Picture> {
  const content = await contentOf(file);
  const format = formatOf(content);
  if (format === PNG) {
    checkSize(sizeOf(content, format));
    return decodePng(content, 'drop').picture;
  }
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

/** A file that a container carried. */
export interface HiddenFile {
  readonly format: Format;
  /** As its header has it, or as it is shown. */
  readonly size: Size;
  /** Null if this browser cannot show such files. */
  readonly picture: Picture | null;
}

/**
 * Reads a file that a container carried.
 *
 * Whoever made the container may have put anything there, so nothing that is not a whole picture may
 * go further. Files of formats that only some browsers show go further without being shown.
 */
export async function readHidden(content: Bytes): Promise<HiddenFile> {
  const format = formatOf(content);
  const size = format?.carried ? sizeOf(content, format) : null;
  if (!format || !size) {
    const read = namesOf(FORMATS.filter((each) => each.carried));
    throw new ContainerError(
      'The hidden file is not a picture of a supported format, or is damaged ' +
        `(${read} are read). It is not shown.`,
    );
  }
  refuseLarge(size);
  try {
    const { picture } = await decoded(content, format, 'default');
    return { format, size: picture, picture };
  } catch (error) {
    if (!(error instanceof PictureError)) throw error;
    if (!format.universal) return { format, size, picture: null };
    throw damagedFile(format, error);
  }
}

/** What is said of a file that a container carried, and that is no whole picture. */
export function damagedFile({ name }: Format, cause: Error): ContainerError {
  return new ContainerError(
    `The hidden file is a damaged or truncated ${name} file. It is not shown.`,
    { cause },
  );
}

/** Decodes an AVIF file whose colours are those of sRGB, whatever it says of them. */
export async function readAvif(content: Bytes): Promise<Picture> {
  return (await decoded(content, AVIF, 'none')).picture;
}

/** Whether this browser shows AVIF files at all. */
export async function showsAvif(): Promise<boolean> {
  try {
    await readAvif(SMALL_AVIF);
    return true;
  } catch (error) {
    if (!(error instanceof PictureError)) throw error;
    return false;
  }
}

async function contentOf(file: Blob): Promise<Bytes> {
  let content: ArrayBuffer;
  try {
    content = await file.arrayBuffer();
  } catch (error) {
    throw new PictureError('The file cannot be read. Was it moved or deleted?', { cause: error });
  }
  if (content.byteLength === 0) throw new PictureError('The file is empty.');
  return new Uint8Array(content);
}

/** Whether every program that reveals can read such a file; browsers read more than others. */
function isCarried(format: Format, content: Bytes): boolean {
  if (format !== JPEG) return format.carried;
  const scans = [...jpegSegments(content)].filter(({ marker }) => marker === SCAN);
  return scans.length <= MAX_SCANS;
}

interface Decoded {
  readonly picture: Picture;
  /** See `Image`. */
  readonly plain: boolean;
}

/**
 * Decodes a picture.
 *
 * @param colours `none` leaves them as they are, `default` converts them to sRGB.
 */
async function decoded(
  content: Bytes,
  format: Format | null,
  colours: ColorSpaceConversion,
): Promise<Decoded> {
  let own: Decoded | null = null;
  if (format === PNG) {
    const { picture, opaque, depth } = decodePng(content, 'white');
    own = { picture, plain: opaque && depth <= 8 };
    if (colours === 'none' || !hasProfile(content)) return own;
  }
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(new Blob([content], { type: format?.mediaType ?? '' }), {
      colorSpaceConversion: colours,
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
    const { picture, plain } = samplesOf(bitmap);
    return { picture, plain: own?.plain ?? plain };
  } finally {
    bitmap.close();
  }
}

function checkSize(size: Size | null): void {
  if (size && size.width * size.height > MAX_PIXELS) {
    throw new PictureError(
      `This picture has ${megapixels(size.width * size.height)} megapixels; this page accepts up ` +
        `to ${megapixels(MAX_PIXELS)}. Make it smaller, or use the command line program.`,
    );
  }
}

function megapixels(pixels: number): string {
  return (pixels / 1e6).toFixed(0);
}

/** The samples of a bitmap, on white where it is transparent. */
function samplesOf(bitmap: ImageBitmap): Decoded {
  const { width, height } = bitmap;
  const picture = blank(width, height);
  const canvas = new OffscreenCanvas(width, Math.min(STRIP, height));
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new PictureError('This browser has run out of memory for pictures.');
  let opaque = true;
  for (let top = 0, to = 0; top < height; top += STRIP) {
    const rows = Math.min(STRIP, height - top);
    context.clearRect(0, 0, width, rows);
    context.drawImage(bitmap, 0, -top);
    const { data } = context.getImageData(0, 0, width, rows);
    for (let from = 0; from < data.length; from += 4) {
      const opacity = data[from + 3];
      if (opacity === 255) {
        picture.data[to++] = data[from];
        picture.data[to++] = data[from + 1];
        picture.data[to++] = data[from + 2];
        continue;
      }
      opaque = false;
      for (let colour = 0; colour < 3; colour++) {
        picture.data[to++] = onWhite(data[from + colour], opacity);
      }
    }
  }
  return { picture, plain: opaque };
}
