// The keystreams of a file: AES-256 in counter mode, with a separate stream for each number.

import { type Bytes, bigEndian, concat } from '../bytes';
import { type FileKeys, subtle } from './keys';

/** Content XORed with a keystream, or back. Each stream may be used once in a file. */
export async function masked({ cipher }: FileKeys, stream: number, content: Bytes): Promise<Bytes> {
  const counter = concat(bigEndian(stream, 8), new Uint8Array(8));
  const algorithm = { name: 'AES-CTR', counter, length: 64 };
  return new Uint8Array(await subtle().encrypt(algorithm, cipher, content));
}
