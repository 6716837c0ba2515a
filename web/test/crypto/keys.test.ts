import { expect, test } from 'vitest';
import { type Bytes, fromHex, toHex } from '../../src/core/bytes';
import { type FileKeys, keysOf, newKeys } from '../../src/core/crypto/keys';
import { masked } from '../../src/core/crypto/keystream';
import { tagOf } from '../../src/core/crypto/tags';
import { range } from '../support';

async function withCipher(cipher: Bytes): Promise<FileKeys> {
  const key = await crypto.subtle.importKey('raw', cipher, 'AES-CTR', false, ['encrypt']);
  return { nonce: range(12), salt: range(16), cipher: key, tag: key };
}

// The cipher's key cannot be exported, but its keystream identifies it.
async function keystreamWith(passphrase: string): Promise<string> {
  const salt = range(16).map((byte) => byte + 100);
  return toHex(await masked(await keysOf(passphrase, range(12), salt), 3, new Uint8Array(16)));
}

test('the keystream is AES-256 of a counter: test cases 13 and 14 of the GCM specification', async () => {
  const keys = await withCipher(new Uint8Array(32));
  // With a key of zeros: blocks 0 (the hash key), 1 (case 13's tag) and 2 (case 14's ciphertext).
  const blocks =
    'dc95c078a2408989ad48a21492842087530f8afbc74536b9a963b4f1c4cb738b' +
    'cea7403d4d606b6e074ec5d3baf39d18';
  expect(toHex(await masked(keys, 0, new Uint8Array(48)))).toBe(blocks);
});

test('masking twice gives the content back, and each stream is another', async () => {
  const keys = await withCipher(range(32));
  const content = range(100);
  const hidden = await masked(keys, 1, content);
  expect(await masked(keys, 1, hidden)).toEqual(content);
  expect(toHex(await masked(keys, 2, content))).not.toBe(toHex(hidden));
});

test('keys equal those of the Python package, with and without a passphrase', async () => {
  expect(await keystreamWith('')).toBe('e3fa502610b85243d2e590cf46b179e8');
  expect(await keystreamWith('Gr\u00fc\u00dfe')).toBe('eeb0fdfde59f64ecca86a73ddbb2473d');
});

test('two Unicode forms of a passphrase are the same passphrase', async () => {
  expect(await keystreamWith('cafe\u0301')).toBe(await keystreamWith('caf\u00e9'));
  expect(await keystreamWith('cafe')).not.toBe(await keystreamWith('caf\u00e9'));
});

test('new files have keys of their own', async () => {
  const [one, other] = [await newKeys(''), await newKeys('')];
  expect(toHex(one.nonce)).not.toBe(toHex(other.nonce));
  expect(toHex(one.salt)).not.toBe(toHex(other.salt));
});

test('a tag is HMAC-SHA256, cut: test case 2 of RFC 4231', async () => {
  const secret = new TextEncoder().encode('Jefe');
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  const tag = await crypto.subtle.importKey('raw', secret, hmac, false, ['sign']);
  const keys = { ...(await withCipher(range(32))), tag };
  const content = new TextEncoder().encode('what do ya want for nothing?');
  const expected = '5bdcc146bf60754e6a042426089575c7';
  expect(toHex(await tagOf(keys, content))).toBe(expected);
  expect(await tagOf(keys, content, 8)).toEqual(fromHex(expected.slice(0, 16)));
});
