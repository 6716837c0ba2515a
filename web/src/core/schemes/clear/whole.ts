// Payloads that are of no use in parts: files, and compact pictures.

import type { Bytes } from '../../bytes';
import { readHidden } from '../../images/decode';
import type { Size } from '../../images/picture';
import * as compact from '../../payloads/compact';
import { unpackedFile } from '../../payloads/file';
import { type Kind, reducedSize } from '../../payloads/payload';
import type { Revealed } from '../scheme';
import { type Content, nothingLeft } from './revealing';

/** What a payload is, apart from the container that carried it. */
export interface Whole extends Pick<Revealed, 'picture' | 'size' | 'file'> {
  /** See `Payload`. */
  readonly codedSize: Size | null;
}

const READERS: Readonly<Record<Exclude<Kind, 'code'>, (content: Bytes) => Promise<Whole>>> = {
  file: ownFile,
  repacked: async (content) => ownFile(await unpackedFile(content)),
  pixels: async (content) => {
    const { picture } = await readHidden(content);
    if (!picture) throw nothingLeft();
    return { picture, size: picture, file: null, codedSize: null };
  },
  compact: async (content) => {
    const { picture, codedSize } = await compact.decode(content);
    return { picture, size: picture, file: null, codedSize: reducedSize(codedSize, picture) };
  },
};

async function ownFile(content: Bytes): Promise<Whole> {
  const { format, size, picture } = await readHidden(content);
  return { picture, size, file: { format, content }, codedSize: null };
}

/** Reads a payload if all of it is there. */
export async function readWhole(kind: keyof typeof READERS, found: Content): Promise<Whole> {
  if (found.lost.length > 0) throw nothingLeft();
  return READERS[kind](found.content);
}
