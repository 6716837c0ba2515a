// The header of a container: 60 bytes in the lowest bits of the first symbols of tile 0. Reading
// it takes the number of bits per sample, which only the header itself states, so readers try each.

import { type Bytes, bigEndian, concat, equal, fromBigEndian } from '../../bytes';
import { type Bits, residuesOf } from '../../carriers/residues';
import type { FileKeys } from '../../crypto/keys';
import { keystream } from '../../crypto/keystream';
import { TAG_SIZE } from '../../crypto/tags';
import type { Size } from '../../images/picture';

export const HEADER_SIZE = 60;

/** Offset of the tag, which is the end of the header. */
export const TAG_START = HEADER_SIZE - TAG_SIZE;

/** Bytes of the id of the codebook. */
export const CODEBOOK_ID_SIZE = 2;

/** Sample that carries the first bit of the header. */
export const HEADER_SAMPLE = 32;

/** Pixels and samples that carry the header. */
export const HEADER_PIXELS = 171;
export const HEADER_SAMPLES = 512;

/** Samples of tile 0 whose lowest bits are not encrypted, as keys are derived from them. */
const OPEN_SAMPLES = [32, 256] as const;

const VERSION = 1;
const CLEAR = 1;

export interface Header {
  readonly nonce: Bytes;
  readonly maskedSalt: Bytes;
  readonly bits: Bits;
  /** Original size of the secret. */
  readonly secret: Size;
  readonly container: Size;
  /** First bytes of the SHA-256 of the model's tables: a model with others cannot reveal. */
  readonly codebook: Bytes;
}

/** The 60 bytes of a header, with zeros for the tag. */
export function pack(header: Header): Bytes {
  const size = ({ width, height }: Size) => concat(bigEndian(width, 3), bigEndian(height, 3));
  return concat(
    header.nonce,
    header.maskedSalt,
    Uint8Array.of(VERSION, CLEAR * 16 + header.bits),
    size(header.secret),
    size(header.container),
    header.codebook,
    new Uint8Array(TAG_SIZE),
  );
}

/** The sizes in bytes 28 to 43, or null if these are not a header with `bits` and `codebook`. */
export function parse(
  bytes: Uint8Array,
  bits: Bits,
  codebook: Uint8Array,
): { secret: Size; container: Size } | null {
  const size = (offset: number): Size => ({
    width: fromBigEndian(bytes.subarray(offset, offset + 3)),
    height: fromBigEndian(bytes.subarray(offset + 3, offset + 6)),
  });
  const secret = size(2);
  const container = size(8);
  const valid =
    bytes[0] === VERSION &&
    bytes[1] === CLEAR * 16 + bits &&
    equal(bytes.subarray(14, 16), codebook) &&
    [secret.width, secret.height, container.width, container.height].every((side) => side > 0);
  return valid ? { secret, container } : null;
}

/**
 * Reads bytes of the header from a tile.
 *
 * @param samples The tile's samples, or at least the first 513 (171 pixels).
 * @param stream The tile's keystream, or null for bytes that are not encrypted.
 */
export function readBytes(
  samples: Uint8Array,
  bits: Bits,
  stream: Uint8Array | null,
  first: number,
  count: number,
): Bytes {
  const residues = residuesOf(samples, bits, HEADER_PIXELS);
  return Uint8Array.from({ length: count }, (_, index) => {
    let byte = 0;
    for (let bit = 0; bit < 8; bit++) {
      const sample = HEADER_SAMPLE + 8 * (first + index) + bit;
      const symbol = (residues[Math.floor(sample / 3)] >> (sample % 3)) ^ (stream?.[sample] ?? 0);
      byte = (byte << 1) | (symbol & 1);
    }
    return byte;
  });
}

/** The first bytes of a tile's keystream, one per sample in raster order. */
export async function tileKeystream(keys: FileKeys, tile: number, samples: number): Promise<Bytes> {
  const stream = await keystream(keys, tile, samples);
  if (tile === 0) {
    for (let sample = OPEN_SAMPLES[0]; sample < OPEN_SAMPLES[1]; sample++) stream[sample] &= 0xfe;
  }
  return stream;
}
