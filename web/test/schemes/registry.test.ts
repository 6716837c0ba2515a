import { expect, test } from 'vitest';
import type { Network, Run, TensorData } from '../../src/core/engine/network';
import { ModelError } from '../../src/core/errors';
import { PNG } from '../../src/core/images/formats';
import type { Image } from '../../src/core/images/image';
import { blank } from '../../src/core/images/picture';
import { defaultsOf } from '../../src/core/schemes/options';
import { schemeOf } from '../../src/core/schemes/registry';
import { DEFAULT_MODEL, MODELS, modelNamed } from '../../src/models';
import { randomPicture } from '../support';

test('a manifest names its scheme, and an unknown scheme is an error', () => {
  const { manifest, scheme } = modelNamed(DEFAULT_MODEL);
  expect(schemeOf(manifest)).toBe(scheme);
  for (const unknown of ['toString', 'none']) {
    expect(() => schemeOf({ ...manifest, scheme: unknown })).toThrow(ModelError);
  }
});

/** Stands in for a graph: gives a plausible output of each name. */
function outputsOf({ inputs, outputs }: Run): TensorData[] {
  const [count] = (inputs.cover ?? inputs.secret).shape;
  const qindices = Array.from(inputs.qindices?.data ?? [], Number);
  const made: Record<string, () => TensorData> = {
    container: () => inputs.cover.data,
    words: () => new Int32Array(count * 80),
    counts: () => new Int32Array(count).fill(80),
    bits: () => Float32Array.from(qindices, (qindex) => 9000 - 10 * qindex),
    choices: () => new Uint8Array(count * 5),
    error: () => Float32Array.from(qindices, (qindex) => 10 + qindex),
  };
  return outputs.map((output) => made[output]());
}

test.each([...MODELS.values()])(
  '$manifest.model feeds its graphs as its trials do',
  async (model) => {
    const runs: { graph: string; run: Run }[] = [];
    const networks = async (graph: string): Promise<Network> => ({
      backend: 'none',
      threads: 1,
      run: async (run) => {
        runs.push({ graph, run });
        return outputsOf(run);
      },
    });
    const scheme = await model.scheme.load(model.manifest);
    // Noise fits as no file.
    const options = { ...defaultsOf(model.manifest.options), bits: 1 };
    const cover = blank(600, 40);
    const picture = randomPicture(600, 40);
    const secret: Image = { picture, plain: true, format: PNG, content: null };
    const shares: number[] = [];
    const hidden = await scheme.hide(networks, cover, secret, options, '', (share) => {
      shares.push(share);
    });
    expect([hidden.picture.width, hidden.picture.height]).toEqual([600, 40]);
    expect(shares.at(-1)).toBe(1);
    expect([...shares].sort((a, b) => a - b)).toEqual(shares);
    expect(new Set(runs.map(({ graph }) => graph))).toEqual(new Set(model.scheme.graphs.hide));
    const shape = ({ inputs, outputs }: Run) => [
      outputs,
      Object.entries(inputs).map(([name, { type, shape }]) => [name, type, shape.length]),
    ];
    for (const { graph, run } of runs) expect(shape(run)).toEqual(shape(scheme.trial(graph)));
  },
);
