import { expect, test } from 'vitest';
import { type Bits, residuesOf, withResidues } from '../../src/core/carriers/residues';
import { random } from '../support';

const ALL_BITS: Bits[] = [1, 2, 3];

test('residues match the formula of the file format', () => {
  const samples = Uint8Array.of(10, 20, 30, 255, 0, 7);
  expect([...residuesOf(samples, 1)]).toEqual([(10 + 40 + 150) % 8, (255 + 35) % 8]);
  expect([...residuesOf(samples, 2)]).toEqual([(10 + 160 + 1020) % 64, (255 + 238) % 64]);
  expect([...residuesOf(samples, 3)]).toEqual([(10 + 1660 + 13140) % 512, (255 + 3066) % 512]);
});

test.each(ALL_BITS)('at %d bits, every corner of the RGB cube reaches every residue', (bits) => {
  for (const corner of [0, 1, 2, 3, 4, 5, 6, 7]) {
    const levels = [0, 1, 2].map((sample) => ((corner >> sample) & 1) * 255);
    const wanted = Array.from({ length: 8 ** bits }, (_, residue) => residue);
    const pixels = Uint8Array.from(wanted.flatMap(() => levels));
    expect([...residuesOf(withResidues(pixels, wanted, bits), bits)]).toEqual(wanted);
  }
});

test.each([
  [1, 0.333],
  [2, 1.266],
  [3, 5.032],
] as const)('at %d bits, the mean squared change per sample is %d', (bits, expected) => {
  const bytes = random(6000, 3);
  const wanted = Array.from(
    { length: 3000 },
    (_, pixel) => (bytes[2 * pixel] * 256 + bytes[2 * pixel + 1]) & (8 ** bits - 1),
  );
  const pixels = Uint8Array.from(wanted.flatMap(() => [100, 120, 140]));
  const changed = withResidues(pixels, wanted, bits);
  const sum = changed.reduce((total, level, at) => total + (level - pixels[at]) ** 2, 0);
  expect(sum / changed.length).toBeCloseTo(expected, bits === 3 ? 0 : 1);
});

test('of equally near pixels, the lexicographically first change is taken', () => {
  // At 1 bit, the residue rises by 4 with one red less and one blue more, and the other way round.
  const pixel = Uint8Array.of(100, 120, 140);
  const wanted = (residuesOf(pixel, 1)[0] + 4) & 7;
  expect([...withResidues(pixel, [wanted], 1)]).toEqual([99, 120, 141]);
});
