// The keystream of a file: AES-256 in counter mode, with a separate stream for each number.

import { type Bytes, bigEndian, concat } from '../bytes';
import { type FileKeys, subtle } from './keys';

/** The first `size` bytes of a stream; a longer request begins with the same bytes. */
export async function keystream(
  { cipher }: FileKeys,
  stream: number,
  size: number,
): Promise<Bytes> {
  const counter = concat(bigEndian(stream, 8), new Uint8Array(8));
  const algorithm = { name: 'AES-CTR', counter, length: 64 };
  return new Uint8Array(await subtle().encrypt(algorithm, cipher, new Uint8Array(size)));
}
