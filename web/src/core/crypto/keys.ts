// From a passphrase to the keys of a file: Argon2id (RFC 9106) and HKDF-SHA256 (RFC 5869).
// Argon2id comes from hash-wasm, everything else from the browser.

import { argon2id } from 'hash-wasm';
import { type Bytes, concat, utf8 } from '../bytes';
import { EnvironmentError } from '../errors';

export const NONCE_SIZE = 12;
export const SALT_SIZE = 16;

/** The two keys of a file, and what they are found again by. */
export interface FileKeys {
  readonly nonce: Bytes;
  readonly salt: Bytes;
  /** AES-256 in counter mode. */
  readonly cipher: CryptoKey;
  /** HMAC-SHA256. */
  readonly tag: CryptoKey;
}

/** The browser's cryptography, which is missing on pages loaded over plain http. */
export function subtle(): SubtleCrypto {
  if (!globalThis.crypto?.subtle) {
    throw new EnvironmentError(
      'Browsers offer cryptography only to pages loaded over https or from localhost. ' +
        'Open this page over https.',
    );
  }
  return crypto.subtle;
}

export async function sha256(content: Bytes): Promise<Bytes> {
  return new Uint8Array(await subtle().digest('SHA-256', content));
}

/** Keys for a new file; with an empty passphrase, those that every copy of the program can derive. */
export async function newKeys(passphrase: string): Promise<FileKeys> {
  const random = (size: number) => crypto.getRandomValues(new Uint8Array(size));
  return keysOf(passphrase, random(NONCE_SIZE), random(SALT_SIZE));
}

/** The keys of the file that has this nonce and salt. */
export async function keysOf(passphrase: string, nonce: Bytes, salt: Bytes): Promise<FileKeys> {
  const master = await masterKey(passphrase, salt);
  const base = await subtle().importKey('raw', master, 'HKDF', false, ['deriveBits']);
  const info = utf8('plainsight 2 file');
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: concat(nonce, salt), info };
  const derived = await subtle().deriveBits(parameters, base, 512);
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  const [cipher, tag] = await Promise.all([
    subtle().importKey('raw', derived.slice(0, 32), 'AES-CTR', false, ['encrypt']),
    subtle().importKey('raw', derived.slice(32), hmac, false, ['sign']),
  ]);
  return { nonce, salt, cipher, tag };
}

/** 32 bytes. */
async function masterKey(passphrase: string, salt: Bytes): Promise<Bytes> {
  if (passphrase === '') return sha256(utf8('plainsight 2 public key'));
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
