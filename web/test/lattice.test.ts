import { expect, test } from 'vitest';
import { type Bits, nearest, residues } from '../src/core/lattice';
import { random } from './support';

const PAYLOADS: Bits[] = [1, 2, 3];

test('residues are those that the format gives as examples of its formula', () => {
  const samples = Uint8Array.of(10, 20, 30, 255, 0, 7);
  expect([...residues(samples, 1)]).toEqual([(10 + 40 + 150) % 8, (255 + 35) % 8]);
  expect([...residues(samples, 2)]).toEqual([(10 + 160 + 1020) % 64, (255 + 238) % 64]);
  expect([...residues(samples, 3)]).toEqual([(10 + 1660 + 13140) % 512, (255 + 3066) % 512]);
});

test.each(PAYLOADS)('at %d bits every residue is reached from every corner', (bits) => {
  for (const corner of [0, 1, 2, 3, 4, 5, 6, 7]) {
    const cover = [0, 1, 2].map((sample) => ((corner >> sample) & 1) * 255);
    for (let residue = 0; residue < 8 ** bits; residue++) {
      const made = Uint8Array.from(nearest(cover, residue, bits));
      expect(residues(made, bits)[0]).toBe(residue);
    }
  }
});

test.each([
  [1, 0.333],
  [2, 1.266],
  [3, 5.032],
] as const)('at %d bits the mean squared change is %d a sample', (bits, expected) => {
  const wanted = random(6000, 3);
  let sum = 0;
  for (let at = 0; at < wanted.length; at += 2) {
    const residue = (wanted[at] * 256 + wanted[at + 1]) & (8 ** bits - 1);
    const made = nearest([100, 120, 140], residue, bits);
    sum += (made[0] - 100) ** 2 + (made[1] - 120) ** 2 + (made[2] - 140) ** 2;
  }
  expect(sum / (wanted.length / 2) / 3).toBeCloseTo(expected, bits === 3 ? 0 : 1);
});
