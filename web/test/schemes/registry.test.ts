import { expect, test } from 'vitest';
import { ModelError } from '../../src/core/errors';
import { blank } from '../../src/core/images/picture';
import { defaultsOf } from '../../src/core/schemes/options';
import { schemeOf } from '../../src/core/schemes/registry';
import type { Network, Run } from '../../src/core/schemes/scheme';
import { DEFAULT_MODEL, MODELS, modelNamed } from '../../src/models';

test('a manifest names its scheme, and an unknown scheme is an error', () => {
  const { manifest, scheme } = modelNamed(DEFAULT_MODEL);
  expect(schemeOf(manifest)).toBe(scheme);
  for (const unknown of ['toString', 'none']) {
    expect(() => schemeOf({ ...manifest, scheme: unknown })).toThrow(ModelError);
  }
});

test.each([...MODELS.values()])(
  '$manifest.model feeds its graph as its trial does',
  async (model) => {
    const runs: Run[] = [];
    // Stands in for the graph: the container is the cover.
    const network: Network = {
      backend: 'none',
      threads: 1,
      run: async (run) => {
        runs.push(run);
        return run.inputs.cover.data as Uint8Array;
      },
    };
    const scheme = await model.scheme.load(model.manifest);
    const options = defaultsOf(model.manifest.options);
    const [cover, secret] = [blank(600, 40), blank(30, 20)];
    const shares: number[] = [];
    const container = await scheme.hide(network, cover, secret, options, '', (share) => {
      shares.push(share);
    });
    expect([container.width, container.height]).toEqual([600, 40]);
    expect(shares.at(-1)).toBe(1);
    const shape = ({ inputs, output }: Run) => [
      output,
      Object.entries(inputs).map(([name, { type, shape }]) => [name, type, shape.length]),
    ];
    for (const run of runs) expect(shape(run)).toEqual(shape(scheme.trial('hide')));
  },
);
