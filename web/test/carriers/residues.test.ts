import { expect, test } from 'vitest';
import {
  bitsOfGroup,
  changesOf,
  groupOf,
  MOST_BITS,
  NEAR,
  residuesOf,
  setResidues,
} from '../../src/core/carriers/residues';
import { random } from '../support';

const ALL_BITS = Array.from({ length: MOST_BITS }, (_, index) => index + 1);

test('residues match the formula of the file format', () => {
  const samples = Uint8Array.of(10, 20, 30, 255, 0, 7);
  const one = [10 + 33 * 20 + 4 * 30 + 56 * 255 + 20 * 7];
  expect([...residuesOf(samples, 3)]).toEqual(one.map((sum) => sum % 64));
  expect([...residuesOf(samples, 6)]).toEqual([(10 + 160 + 1020) % 64, (255 + 238) % 64]);
  expect([...residuesOf(samples, 9)]).toEqual([(10 + 1660 + 13140) % 512, (255 + 3066) % 512]);
});

test.each(ALL_BITS)('at %d bits, white, black and mixed groups reach every residue', (bits) => {
  const size = 3 * groupOf(bits);
  const residues = Uint16Array.from({ length: 2 ** bitsOfGroup(bits) }, (_, index) => index);
  const patterns = [0, -1, 0b101010101010, ...random(20, bits).map((byte) => byte * 16)];
  for (const pattern of patterns) {
    const group = Array.from({ length: size }, (_, sample) => ((pattern >> sample) & 1) * 255);
    const samples = Uint8Array.from([...residues].flatMap(() => group));
    setResidues(samples, residues, bits);
    expect(residuesOf(samples, bits)).toEqual(residues);
  }
});

test.each([
  [1, 0.077],
  [2, 0.164],
  [3, 0.299],
  [4, 0.468],
  [5, 0.799],
  [6, 1.266],
  [7, 2.01],
  [8, 3.168],
  [9, 5.032],
])('at %d bits, the mean squared change per sample is %d', (bits, expected) => {
  const { steps, starts } = changesOf(bits, NEAR[bits]);
  const size = 3 * groupOf(bits);
  let sum = 0;
  for (const start of starts.subarray(0, -1)) {
    for (const step of steps.subarray(start * size, (start + 1) * size)) sum += step * step;
  }
  expect(sum / (starts.length - 1) / size).toBeCloseTo(expected, 2);
});

test('of equally near groups, the one that keeps brightness is taken, then the first', () => {
  // At 6 bits, changes of red, green and blue count 1, 8 and 34 times.
  const samples = Uint8Array.of(100, 120, 140);
  const wanted = (residuesOf(samples, 6)[0] + 7) & 63;
  setResidues(samples, Uint16Array.of(wanted), 6);
  expect([...samples]).toEqual([99, 121, 140]);
});
