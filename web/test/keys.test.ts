import { expect, test } from 'vitest';
import { fromHex, toHex } from '../src/core/bytes';
import { type FileKeys, fileKeys, maskSalt, masterKey, padOf } from '../src/core/keys';
import { range } from './support';

async function keysOf(cipher: Uint8Array<ArrayBuffer>): Promise<FileKeys> {
  const key = await crypto.subtle.importKey('raw', cipher, 'AES-CTR', false, ['encrypt']);
  return { cipher: key, tag: key };
}

// The cipher's key cannot be read back, but its keystream tells it apart.
async function keystream(passphrase: string): Promise<string> {
  const salt = range(16);
  const master = await masterKey(passphrase, salt);
  return toHex(await padOf(await fileKeys(master, range(12), salt), 3, 16));
}

test('the keystream is AES-256 of a counter: test cases 13 and 14 of the GCM specification', async () => {
  const keys = await keysOf(new Uint8Array(32));
  // Of the key zero: blocks 0 (the hash key), 1 (case 13's tag) and 2 (case 14's ciphertext).
  expect(toHex(await padOf(keys, 0, 32))).toBe(
    'dc95c078a2408989ad48a21492842087530f8afbc74536b9a963b4f1c4cb738b',
  );
  const pad = await padOf(keys, 0, 288);
  const open = fromHex('cea7403d4d606b6e074ec5d3baf39d18').map((byte) => byte & 0xfe);
  expect(toHex(pad.subarray(32, 48))).toBe(toHex(open));
  expect(pad.subarray(32, 256).some((byte) => byte & 1)).toBe(false);
  expect(pad.subarray(256).some((byte) => byte & 1)).toBe(true);
});

test('a tile has a keystream of its own, a shorter pad is the front of a longer one', async () => {
  const keys = await keysOf(range(32));
  const pad = await padOf(keys, 1, 1000);
  expect(toHex(await padOf(keys, 1, 100))).toBe(toHex(pad.subarray(0, 100)));
  expect(toHex(await padOf(keys, 2, 100))).not.toBe(toHex(pad.subarray(0, 100)));
});

test('keys are those of the Python package, with and without a passphrase', async () => {
  expect(await keystream('')).toBe('2b38643cf35572f90ac01de8db777aea');
  const cipher = '48a7465f6bd3f1633d83d9135805b955d8813b5df80b901608759b4956ccf25d';
  const expected = toHex(await padOf(await keysOf(fromHex(cipher)), 3, 16));
  expect(await keystream('correct horse battery staple')).toBe(expected);
});

test('one passphrase typed in two forms of Unicode is one passphrase', async () => {
  expect(await keystream('cafe\u0301')).toBe(await keystream('caf\u00e9'));
  expect(await keystream('cafe')).not.toBe(await keystream('caf\u00e9'));
});

test('masking a salt twice gives it back', async () => {
  const masked = await maskSalt(range(16), range(12));
  expect(toHex(masked)).not.toBe(toHex(range(16)));
  expect(toHex(await maskSalt(masked, range(12)))).toBe(toHex(range(16)));
});
