// Finding a hidden picture: reads the header of a container, and checks the tag that covers it.

import type { Bytes } from '../../bytes';
import type { Bits } from '../../carriers/residues';
import {
  type FileKeys,
  fileKeys,
  maskSalt,
  masterKey,
  NONCE_SIZE,
  SALT_SIZE,
} from '../../crypto/keys';
import { crop, type Picture, type Size } from '../../images/picture';
import { HEADER_SAMPLES, parse, readBytes, TAG_START, tileKeystream } from './header';
import { isIntact } from './tile-tags';
import { contains, firstTile, MIN_SIDE } from './tiles';

/** The most likely number first: it is the default. */
const TRIED: readonly Bits[] = [2, 1, 3];

export interface Match {
  readonly keys: FileKeys;
  readonly bits: Bits;
  /** Original size of the secret. */
  readonly secret: Size;
  /** Size of the container when the secret was hidden. */
  readonly container: Size;
  /** Whether the tag of the first tile, which covers these sizes, is right. */
  readonly verified: boolean;
}

/** The header that a container has under a passphrase, or null if there is none. */
export async function find(
  codebook: Bytes,
  container: Picture,
  passphrase: string,
): Promise<Match | null> {
  if (Math.min(container.width, container.height) < MIN_SIDE) return null;
  const { data } = crop(container, firstTile(container.height, container.width));
  for (const bits of TRIED) {
    const nonce = readBytes(data, bits, null, 0, NONCE_SIZE);
    const maskedSalt = readBytes(data, bits, null, NONCE_SIZE, SALT_SIZE);
    const salt = await maskSalt(maskedSalt, nonce);
    const keys = await fileKeys(await masterKey(passphrase, salt), nonce, salt);
    const stream = await tileKeystream(keys, 0, HEADER_SAMPLES);
    const start = NONCE_SIZE + SALT_SIZE;
    const sizes = parse(readBytes(data, bits, stream, start, TAG_START - start), bits, codebook);
    if (sizes) {
      const verified = await isVerified(keys, bits, sizes.container, container);
      return { keys, bits, ...sizes, verified };
    }
  }
  return null;
}

async function isVerified(
  keys: FileKeys,
  bits: Bits,
  { width, height }: Size,
  container: Picture,
): Promise<boolean> {
  if (Math.min(width, height) < MIN_SIDE) return false;
  const first = firstTile(height, width);
  if (!contains(container, first)) return false;
  const { data } = crop(container, first);
  return isIntact(keys, first, data, await tileKeystream(keys, 0, data.length), bits);
}
