// The networks that are open, each loaded once.

import type { Direction, Network, Scheme } from '../core/schemes/scheme';
import { DEFAULT_MODEL, type Model, modelNamed } from '../models';
import { openOnWasm } from './sessions';
import { fastest } from './webgpu';

export interface Opened {
  readonly scheme: Scheme;
  readonly network: Network;
}

const opened = new Map<string, Promise<Opened>>();

/** A model for a direction; further calls return the same one. */
export function openModel(model: Model, direction: Direction): Promise<Opened> {
  const key = `${model.manifest.model} ${direction}`;
  let opening = opened.get(key);
  if (!opening) {
    opening = open(model, direction);
    opened.set(key, opening);
    // So that the next call tries again.
    opening.catch(() => opened.delete(key));
  }
  return opening;
}

async function open(model: Model, direction: Direction): Promise<Opened> {
  const [scheme, network] = await Promise.all([
    model.scheme.load(model.manifest),
    openOnWasm(model, direction),
  ]);
  if (!scheme.triesGpu) return { scheme, network };
  return { scheme, network: await fastest(model, direction, scheme.trial(direction), network) };
}

/** Loads the default model for hiding; the rest of it follows in the background. */
export async function prepare(): Promise<void> {
  const model = modelNamed(DEFAULT_MODEL);
  await openModel(model, 'hide');
  // Errors do not matter yet: whatever needs these networks opens them again and reports them.
  warmUp(model).catch(() => undefined);
}

/** Opens both networks and runs them once, as the first run of a graph is slow. */
async function warmUp(model: Model): Promise<void> {
  await openModel(model, 'reveal');
  for (const direction of ['hide', 'reveal'] as const) {
    const { scheme, network } = await openModel(model, direction);
    await network.run(scheme.trial(direction));
  }
}
