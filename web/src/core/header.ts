// What a container says of itself: 60 bytes in tile 0, in the lowest bits of its first samples'
// symbols. The reader tries each payload in turn.

import { type Bytes, bigEndian, concat, equal, fromBigEndian } from './bytes';
import { type Bits, residues } from './lattice';

export const HEADER_SIZE = 60;
export const TAG_START = 44;
export const TAG_SIZE = 16;
export const CODE_SIZE = 2;

/** Sample that carries the first bit of the header. */
export const HEADER_SAMPLE = 32;
/** Pixels and samples that carry the header. */
export const HEADER_PIXELS = 171;
export const HEADER_SAMPLES = 512;

const VERSION = 1;
const CLEAR = 1;

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Header {
  /** As they stand, so with the salt masked. */
  readonly nonce: Bytes;
  readonly maskedSalt: Bytes;
  readonly bits: Bits;
  /** Of the secret as it was given. */
  readonly secret: Size;
  readonly container: Size;
  /** First bytes of the SHA-256 of the tables of the code. */
  readonly code: Bytes;
}

/** The header's 60 bytes, the tag's all zero. */
export function pack(header: Header): Bytes {
  const size = ({ width, height }: Size) => concat(bigEndian(width, 3), bigEndian(height, 3));
  return concat(
    header.nonce,
    header.maskedSalt,
    Uint8Array.of(VERSION, CLEAR * 16 + header.bits),
    size(header.secret),
    size(header.container),
    header.code,
    new Uint8Array(TAG_SIZE),
  );
}

/** What bytes 28 to 43 say at a payload, or null where they make no sense to this code. */
export function parse(
  bytes: Uint8Array,
  bits: Bits,
  code: Uint8Array,
): { secret: Size; container: Size } | null {
  const size = (at: number): Size => ({
    width: fromBigEndian(bytes.subarray(at, at + 3)),
    height: fromBigEndian(bytes.subarray(at + 3, at + 6)),
  });
  const secret = size(2);
  const container = size(8);
  const sensible =
    bytes[0] === VERSION &&
    bytes[1] === CLEAR * 16 + bits &&
    equal(bytes.subarray(14, 16), code) &&
    [secret.width, secret.height, container.width, container.height].every((side) => side > 0);
  return sensible ? { secret, container } : null;
}

/**
 * Bytes of the header in a tile's samples.
 *
 * @param samples The tile's, or at least its first 513 (171 pixels).
 * @param pad The tile's pad, or null for bytes that are read before there is one.
 */
export function readBytes(
  samples: Uint8Array,
  bits: Bits,
  pad: Uint8Array | null,
  first: number,
  count: number,
): Bytes {
  const found = residues(samples, bits, HEADER_PIXELS);
  return Uint8Array.from({ length: count }, (_, index) => {
    let byte = 0;
    for (let bit = 0; bit < 8; bit++) {
      const sample = HEADER_SAMPLE + 8 * (first + index) + bit;
      const symbol = (found[Math.floor(sample / 3)] >> (sample % 3)) ^ (pad?.[sample] ?? 0);
      byte = (byte << 1) | (symbol & 1);
    }
    return byte;
  });
}
