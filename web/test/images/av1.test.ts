import { expect, test } from 'vitest';
import { fromHex } from '../../src/core/bytes';
import { frameSize } from '../../src/core/images/av1';
import { still } from '../support';

// Starts of streams that libaom wrote.
const STILL = '12000a09180cffda2021a0d08032101ff787';
const SEQUENCE = '12000a0d00000003b4fd936be4404341a1321210';

test.each([
  ['a still picture', STILL, { width: 16, height: 16 }],
  ['a sequence', SEQUENCE, { width: 160, height: 90 }],
])('the size of %s is in its header', (_, stream, size) => {
  expect(frameSize(fromHex(stream))).toEqual(size);
});

test('of several sizes the largest counts', () => {
  const sizes = [9, 65_536, 300].map((width) => ({ width, height: 1000 }));
  const stream = Uint8Array.from(sizes.flatMap((size) => [...still(size)]));
  expect(frameSize(stream)).toEqual(sizes[1]);
});

test('a stream without a whole header has no size', () => {
  expect(frameSize(new Uint8Array())).toBeNull();
  expect(frameSize(fromHex(STILL).subarray(0, 6))).toBeNull();
  expect(frameSize(fromHex('1200'))).toBeNull();
  expect(frameSize(fromHex(`0a${'ff'.repeat(20)}`))).toBeNull();
});
