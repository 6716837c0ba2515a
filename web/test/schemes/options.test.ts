import { expect, test } from 'vitest';
import { figuresOf } from '../../src/core/schemes/manifest';
import {
  defaultsOf,
  helpOf,
  labelOf,
  type OptionSpec,
  titleOf,
} from '../../src/core/schemes/options';
import { MODELS } from '../../src/models';

const SPEC: OptionSpec = {
  choices: [1, 2],
  default: 2,
  unit: 'bits per sample',
  label: '{} bit',
  help: 'more of them change the cover more',
};

test('an option is described in words', () => {
  expect(titleOf('bits', SPEC)).toBe('Bits per sample');
  expect(titleOf('mode', { ...SPEC, unit: '' })).toBe('Mode');
  expect(SPEC.choices.map((choice) => labelOf(SPEC, choice))).toEqual(['1 bit', '2 bits']);
  expect(labelOf({ ...SPEC, label: '{}' }, 'busy')).toBe('busy');
  expect(helpOf(SPEC)).toBe('More of them change the cover more.');
});

test('defaults are those that are declared', () => {
  expect(defaultsOf({ bits: SPEC, other: { ...SPEC, default: 1 } })).toEqual({ bits: 2, other: 1 });
  expect(defaultsOf({})).toEqual({});
});

test.each([...MODELS.values()])('defaults of $manifest.model are choices', ({ manifest }) => {
  for (const { choices, default: chosen } of Object.values(manifest.options)) {
    expect(choices).toContain(chosen);
  }
});

test('figures of a choice are shown where a manifest has them', () => {
  const { manifest } = [...MODELS.values()][0];
  const quality = { cover_psnr: { mean: 46.93 }, revealed_psnr: { mean: 50 } };
  const measured = { ...manifest, quality: { by_bits: { 2: quality } } };
  expect(figuresOf(measured, 'bits', 2)).toMatch(/46\.9 dB .* 50\.0 dB /);
  expect(figuresOf(measured, 'bits', 1)).toBe('');
  expect(figuresOf(measured, 'exact', 'auto')).toBe('');
});
