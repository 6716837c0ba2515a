// What a container says of itself, in one place and at one density, so that one key finds it.
//
// docs/clear-format.md has the layout. Nonce and salt are not encrypted, but random; the rest is
// encrypted, and has a tag: if that is right, the container is found.

import { type Bytes, bigEndian, concat, equal, fromBigEndian, utf8, xor } from '../../bytes';
import * as carrier from '../../carriers/density';
import { type FileKeys, keysOf, NONCE_SIZE, SALT_SIZE, sha256 } from '../../crypto/keys';
import { masked } from '../../crypto/keystream';
import { tagOf } from '../../crypto/tags';
import type { Size } from '../../images/picture';
import type { Kind } from '../../payloads/payload';

/** Pixels per side of the square at the top left that holds the description. */
export const SQUARE = 16;

/** Pixels of the square, in raster order, that hold it. */
export const PIXELS = 142;

const VERSION = 2;
const KINDS: Readonly<Record<Kind, number>> = {
  file: 1,
  pixels: 2,
  code: 3,
  compact: 4,
  repacked: 5,
};
const DENSITY = carrier.uniform(3);
const STREAM = 0;
const OPEN = NONCE_SIZE + SALT_SIZE;
const SEALED = 17;
const TAG_SIZE = 8;

export interface Description {
  readonly kind: Kind;
  /** Of the payload in bytes. */
  readonly length: number;
  /** How densely the pixels carry it. */
  readonly density: carrier.Density;
  /** Of the whole container in pixels. */
  readonly size: Size;
  /** Two bytes that tell the model's code from another's; zeros where the payload needs no code. */
  readonly codeId: Bytes;
}

/** The 17 bytes that stand for a description. */
export function pack({ kind, length, density, size, codeId }: Description): Bytes {
  return concat(
    Uint8Array.of(VERSION, KINDS[kind]),
    bigEndian(length, 4),
    Uint8Array.of(density.bits),
    bigEndian(density.share - 1, 2),
    bigEndian(size.width, 3),
    bigEndian(size.height, 3),
    codeId,
  );
}

/** The description that 17 bytes spell, or null if they spell none. */
export function parse(content: Bytes): Description | null {
  const number = (start: number, end: number) => fromBigEndian(content.subarray(start, end));
  const kind = (Object.keys(KINDS) as Kind[]).find((each) => KINDS[each] === content[1]);
  const length = number(2, 6);
  const density = { bits: content[6], share: number(7, 9) + 1 };
  const size = { width: number(9, 12), height: number(12, 15) };
  if (content[0] !== VERSION || !kind || length === 0 || !carrier.isValid(density)) return null;
  if (Math.min(size.width, size.height) < SQUARE) return null;
  return { kind, length, density, size, codeId: content.slice(15, 17) };
}

/** Which of a picture's first pixels hold the description, as first pixel and end of each row. */
export function placesOf(width: number): [start: number, end: number][] {
  const rows = Math.ceil(PIXELS / SQUARE);
  return Array.from({ length: rows }, (_, row) => [
    row * width,
    row * width + Math.min(SQUARE, PIXELS - row * SQUARE),
  ]);
}

/** Writes a description into the pixels that hold it, in place. */
export async function write(
  pixels: Uint8Array,
  keys: FileKeys,
  description: Description,
): Promise<void> {
  const plain = pack(description);
  const content = concat(
    keys.nonce,
    await maskSalt(keys.salt, keys.nonce),
    await masked(keys, STREAM, plain),
    await tag(keys, plain),
  );
  carrier.write(pixels, content, DENSITY);
}

/**
 * What a picture says of itself under a passphrase, and the keys of the file; null if nothing.
 *
 * @param pixels Those that would hold the description.
 */
export async function find(
  pixels: Uint8Array,
  passphrase: string,
): Promise<{ description: Description; keys: FileKeys } | null> {
  const content = carrier.read(pixels, OPEN + SEALED + TAG_SIZE, DENSITY);
  const nonce = content.slice(0, NONCE_SIZE);
  const salt = await maskSalt(content.slice(NONCE_SIZE, OPEN), nonce);
  const keys = await keysOf(passphrase, nonce, salt);
  const plain = await masked(keys, STREAM, content.slice(OPEN, OPEN + SEALED));
  if (!equal(content.subarray(OPEN + SEALED), await tag(keys, plain))) return null;
  const description = parse(plain);
  return description && { description, keys };
}

function tag(keys: FileKeys, plain: Bytes): Promise<Bytes> {
  return tagOf(keys, concat(utf8('description'), keys.nonce, keys.salt, plain), TAG_SIZE);
}

/** The salt, or back: files of one run should not show the same bytes in the same place. */
async function maskSalt(salt: Bytes, nonce: Bytes): Promise<Bytes> {
  return xor(salt, await sha256(concat(utf8('plainsight 2 salt'), nonce)));
}
