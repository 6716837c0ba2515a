// A secret as a small AVIF picture without its file's boxes; part of the format. Browsers have no
// encoder, so the page only reveals it. runtime/payloads/compact.py is the reference.

import { type Bytes, fromBigEndian } from '../bytes';
import { ContainerError, PictureError } from '../errors';
import { frameSize } from '../images/av1';
import { avifOf } from '../images/avif-file';
import { readAvif, showsAvif } from '../images/decode';
import { refuseLarge } from '../images/limit';
import type { Picture, Size } from '../images/picture';
import { resize } from '../images/resize';

/** Bytes that precede the AV1 stream. */
const HEAD = 8;
/** Steps by which the size is halved. */
const STEPS = 4;
const MOST_REDUCED = 31;
const MOST_QUALITY = 100;

/** A compact picture before decoding. */
export interface Compact {
  /** Of the secret. */
  readonly ownSize: Size;
  /** At which the secret is coded. */
  readonly codedSize: Size;
  /** An AVIF file of that size. */
  readonly file: Bytes;
}

/** What came back, and the size at which it was coded. */
export interface Decoded {
  readonly picture: Picture;
  readonly codedSize: Size;
}

/** Reads the head, and checks it and the stream's size before memory is taken. */
export function parse(content: Bytes): Compact {
  if (content.length <= HEAD) throw damaged();
  const [reduced, quality] = content;
  const width = fromBigEndian(content.subarray(2, 4));
  const height = fromBigEndian(content.subarray(4, 6));
  if (width * height === 0 || reduced > MOST_REDUCED || quality > MOST_QUALITY) throw damaged();
  const ownSize = { width, height };
  refuseLarge(ownSize);
  const codedSize = sizeReducedBy(ownSize, reduced);
  const config = content.subarray(6, HEAD);
  const stream = content.subarray(HEAD);
  // Browsers would decode a stream of any size, and scale it.
  const found = frameSize(stream);
  if (found?.width !== codedSize.width || found.height !== codedSize.height) throw damaged();
  return { ownSize, codedSize, file: avifOf(codedSize, config, stream) };
}

/** A picture at the secret's own size. */
export async function decode(content: Bytes): Promise<Decoded> {
  const { ownSize, codedSize, file } = parse(content);
  const picture = resize(await shown(file), ownSize.width, ownSize.height);
  return { picture, codedSize };
}

async function shown(file: Bytes): Promise<Picture> {
  try {
    return await readAvif(file);
  } catch (error) {
    if (!(error instanceof PictureError)) throw error;
    if (await showsAvif()) throw damaged(error);
    throw new PictureError(
      'The hidden picture is coded as AVIF, which this browser cannot show. Reveal it with the ' +
        'command line program.',
      { cause: error },
    );
  }
}

function sizeReducedBy({ width, height }: Size, reduced: number): Size {
  const scale = 2 ** (-reduced / STEPS);
  const side = (own: number) => Math.max(1, rounded(own * scale));
  return { width: side(width), height: side(height) };
}

/** Rounds halves to even numbers, as Python does. */
function rounded(value: number): number {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}

function damaged(cause?: PictureError): ContainerError {
  return new ContainerError('The hidden picture is damaged. It is not shown.', { cause });
}
