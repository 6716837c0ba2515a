// The pictures that were decoded last, so that none is decoded twice.

import { readContainer, readCover, readSecret } from '../core/images/decode';
import type { Image } from '../core/images/image';
import type { Picture } from '../core/images/picture';
import type { NumberedFile, Role } from './protocol';

interface Read {
  cover: Picture;
  secret: Image;
  container: Picture;
}

const READERS: { readonly [R in Role]: (file: Blob) => Promise<Read[R]> } = {
  cover: readCover,
  secret: readSecret,
  container: readContainer,
};

/** Pictures to keep: a cover, a secret and a container. */
const MAX_KEPT = 3;
const kept = new Map<string, Read[Role]>();

export async function decoded<R extends Role>(
  { number, file }: NumberedFile,
  role: R,
): Promise<Read[R]> {
  const key = `${role} ${number}`;
  const picture = (kept.get(key) as Read[R] | undefined) ?? (await READERS[role](file));
  // Moves it to the end, so that the least recently used picture comes first.
  kept.delete(key);
  kept.set(key, picture);
  for (const old of kept.keys()) {
    if (kept.size <= MAX_KEPT) break;
    kept.delete(old);
  }
  return picture;
}
