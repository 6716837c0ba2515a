// The models that the page ships. A new one is added here; its scheme has a folder in core/schemes.

import classicHide from '@models/classic/hide.onnx?url';
import classic from '@models/classic/manifest.json';
import classicReveal from '@models/classic/reveal.onnx?url';
import clearEstimate from '@models/clear/estimate.onnx?url';
import clearHide from '@models/clear/hide.onnx?url';
import clear from '@models/clear/manifest.json';
import clearReveal from '@models/clear/reveal.onnx?url';
import type { Manifest } from './core/schemes/manifest';
import { schemeOf } from './core/schemes/registry';
import type { SchemeEntry } from './core/schemes/scheme';

export interface Model {
  readonly manifest: Manifest;
  readonly scheme: SchemeEntry;
  /** Where the build put the graphs, by name. */
  readonly graphs: Readonly<Record<string, string>>;
}

/** By name, in the order in which the page offers them. The first is the default. */
export const MODELS: ReadonlyMap<string, Model> = new Map(
  [
    modelOf(clear, { hide: clearHide, estimate: clearEstimate, reveal: clearReveal }),
    modelOf(classic, { hide: classicHide, reveal: classicReveal }),
  ].map((model) => [model.manifest.model, model]),
);

export const DEFAULT_MODEL = [...MODELS.keys()][0];

export function modelNamed(name: string): Model {
  const model = MODELS.get(name);
  if (!model) throw new Error(`there is no model ${name}`);
  return model;
}

function modelOf(manifest: Manifest, graphs: Model['graphs']): Model {
  return { manifest, graphs, scheme: schemeOf(manifest) };
}
