import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/core/bytes';
import { type FileKeys, fileKeys, maskSalt, masterKey } from '../../src/core/crypto/keys';
import { keystream } from '../../src/core/crypto/keystream';
import { tileKeystream } from '../../src/core/schemes/clear/header';
import { range } from '../support';

async function keysOf(cipher: Uint8Array<ArrayBuffer>): Promise<FileKeys> {
  const key = await crypto.subtle.importKey('raw', cipher, 'AES-CTR', false, ['encrypt']);
  return { cipher: key, tag: key };
}

// The cipher's key cannot be exported, but its keystream identifies it.
async function keystreamWith(passphrase: string): Promise<string> {
  const salt = range(16);
  const master = await masterKey(passphrase, salt);
  return toHex(await keystream(await fileKeys(master, range(12), salt), 3, 16));
}

test('the keystream is AES-256 of a counter: test cases 13 and 14 of the GCM specification', async () => {
  const keys = await keysOf(new Uint8Array(32));
  // With a key of zeros: blocks 0 (the hash key), 1 (case 13's tag) and 2 (case 14's ciphertext).
  const blocks =
    'dc95c078a2408989ad48a21492842087530f8afbc74536b9a963b4f1c4cb738b' +
    'cea7403d4d606b6e074ec5d3baf39d18';
  expect(toHex(await keystream(keys, 0, 48))).toBe(blocks);
  expect(toHex(await tileKeystream(keys, 0, 32))).toBe(blocks.slice(0, 64));
});

test('in tile 0, the lowest bits under nonce and salt are not encrypted', async () => {
  const keys = await keysOf(new Uint8Array(32));
  const stream = await tileKeystream(keys, 0, 288);
  const open = fromHex('cea7403d4d606b6e074ec5d3baf39d18').map((byte) => byte & 0xfe);
  expect(toHex(stream.subarray(32, 48))).toBe(toHex(open));
  expect(stream.subarray(32, 256).some((byte) => byte & 1)).toBe(false);
  expect(stream.subarray(256).some((byte) => byte & 1)).toBe(true);
  expect(await tileKeystream(keys, 1, 288)).toEqual(await keystream(keys, 1, 288));
});

test('each tile has its own keystream, and a shorter one is a prefix of a longer one', async () => {
  const keys = await keysOf(range(32));
  const stream = await keystream(keys, 1, 1000);
  expect(toHex(await keystream(keys, 1, 100))).toBe(toHex(stream.subarray(0, 100)));
  expect(toHex(await keystream(keys, 2, 100))).not.toBe(toHex(stream.subarray(0, 100)));
});

test('keys equal those of the Python package, with and without a passphrase', async () => {
  expect(await keystreamWith('')).toBe('2b38643cf35572f90ac01de8db777aea');
  const cipher = '48a7465f6bd3f1633d83d9135805b955d8813b5df80b901608759b4956ccf25d';
  const expected = toHex(await keystream(await keysOf(fromHex(cipher)), 3, 16));
  expect(await keystreamWith('correct horse battery staple')).toBe(expected);
});

test('two Unicode forms of a passphrase are the same passphrase', async () => {
  expect(await keystreamWith('cafe\u0301')).toBe(await keystreamWith('caf\u00e9'));
  expect(await keystreamWith('cafe')).not.toBe(await keystreamWith('caf\u00e9'));
});

test('masking a salt twice restores it', async () => {
  const masked = await maskSalt(range(16), range(12));
  expect(toHex(masked)).not.toBe(toHex(range(16)));
  expect(toHex(await maskSalt(masked, range(12)))).toBe(toHex(range(16)));
});
