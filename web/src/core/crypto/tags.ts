// The tags that show damage.

import type { Bytes } from '../bytes';
import { type FileKeys, subtle } from './keys';

export const TAG_SIZE = 16;

/**
 * HMAC-SHA256 of content, cut to `size` bytes.
 *
 * What it is of must follow from the content itself, so that no tag can stand for another's.
 */
export async function tagOf({ tag }: FileKeys, content: Bytes, size = TAG_SIZE): Promise<Bytes> {
  return new Uint8Array(await subtle().sign('HMAC', tag, content), 0, size);
}
