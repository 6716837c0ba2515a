// From a passphrase to the pad and the tag's key: Argon2id (RFC 9106), HKDF-SHA256 (RFC 5869) and
// AES-256 in counter mode. Argon2id is hash-wasm's, the others are the browser's.

import { argon2id } from 'hash-wasm';
import { type Bytes, bigEndian, concat, utf8, xor } from './bytes';
import { PlainsightError } from './errors';

export const NONCE_SIZE = 12;
export const SALT_SIZE = 16;

/** Samples of tile 0 whose lowest bits are read before there is a key, from and to. */
const CLEAR_SAMPLES = [32, 256] as const;

export interface FileKeys {
  readonly cipher: CryptoKey;
  readonly tag: CryptoKey;
}

/** The browser's cryptography; there is none where a page came over plain http. */
export function subtle(): SubtleCrypto {
  if (!globalThis.crypto?.subtle) {
    throw new PlainsightError(
      'This browser offers cryptography only to pages that came over https or from localhost, ' +
        'and this page came another way. Open it over https.',
    );
  }
  return crypto.subtle;
}

export function randomBytes(size: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(size));
}

export async function sha256(content: Bytes): Promise<Bytes> {
  return new Uint8Array(await subtle().digest('SHA-256', content));
}

/** 32 bytes; of an empty passphrase, the key that everyone has. */
export async function masterKey(passphrase: string, salt: Bytes): Promise<Bytes> {
  if (passphrase === '') return sha256(utf8('plainsight 1 public key'));
  const key = await argon2id({
    password: utf8(passphrase.normalize('NFC')),
    salt,
    iterations: 3,
    memorySize: 65536,
    parallelism: 4,
    hashLength: 32,
    outputType: 'binary',
  });
  return new Uint8Array(key);
}

/** The keys of one file, from the master key. */
export async function fileKeys(master: Bytes, nonce: Bytes, salt: Bytes): Promise<FileKeys> {
  const from = await subtle().importKey('raw', master, 'HKDF', false, ['deriveBits']);
  const derived = await subtle().deriveBits(
    {
      name: 'HKDF',
      hash: 'SHA-256',
      salt: concat(nonce, salt),
      info: utf8('plainsight 1 file'),
    },
    from,
    512,
  );
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  const [cipher, tag] = await Promise.all([
    subtle().importKey('raw', derived.slice(0, 32), 'AES-CTR', false, ['encrypt']),
    subtle().importKey('raw', derived.slice(32), hmac, false, ['sign']),
  ]);
  return { cipher, tag };
}

/** The first `samples` bytes of a tile's pad, one a sample in raster order. */
export async function padOf(keys: FileKeys, tile: number, samples: number): Promise<Bytes> {
  const counter = concat(bigEndian(tile, 8), new Uint8Array(8));
  const algorithm = { name: 'AES-CTR', counter, length: 64 };
  const stream = await subtle().encrypt(algorithm, keys.cipher, new Uint8Array(samples));
  const pad = new Uint8Array(stream);
  if (tile === 0) {
    for (let sample = CLEAR_SAMPLES[0]; sample < CLEAR_SAMPLES[1]; sample++) pad[sample] &= 0xfe;
  }
  return pad;
}

/** Hides or shows the salt, so that files of one salt do not look alike. */
export async function maskSalt(salt: Bytes, nonce: Bytes): Promise<Bytes> {
  return xor(salt, await sha256(concat(utf8('plainsight 1 salt'), nonce)));
}
