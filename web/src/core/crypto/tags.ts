// Authentication tags: HMAC-SHA256, truncated.

import type { Bytes } from '../bytes';
import { type FileKeys, subtle } from './keys';

/** Bytes of a tag. */
export const TAG_SIZE = 16;

export async function tagOf({ tag }: FileKeys, message: Bytes): Promise<Bytes> {
  return new Uint8Array(await subtle().sign('HMAC', tag, message), 0, TAG_SIZE);
}
