// The graphs that are open, each loaded once.

import type { Network } from '../core/engine/network';
import type { Direction, Scheme } from '../core/schemes/scheme';
import { DEFAULT_MODEL, type Model, modelNamed } from '../models';
import { openOnWasm } from './sessions';
import { fastest } from './webgpu';

const schemes = new Map<Model, Promise<Scheme>>();
const opened = new Map<string, Promise<Network>>();

/** The scheme of a model; further calls return the same one. */
export function schemeOf(model: Model): Promise<Scheme> {
  return once(schemes, model, () => model.scheme.load(model.manifest));
}

/** A graph of a model; further calls return the same one. */
export function openGraph(model: Model, graph: string): Promise<Network> {
  return once(opened, `${model.manifest.model} ${graph}`, () => open(model, graph));
}

async function open(model: Model, graph: string): Promise<Network> {
  const [scheme, network] = await Promise.all([schemeOf(model), openOnWasm(model, graph)]);
  return scheme.triesGpu ? fastest(model, graph, scheme.trial(graph), network) : network;
}

/** Loads the default model for hiding; the rest of it follows in the background. */
export async function prepare(): Promise<void> {
  const model = modelNamed(DEFAULT_MODEL);
  await openAll(model, 'hide');
  // Errors do not matter yet: whatever needs these graphs opens them again and reports them.
  warmUp(model).catch(() => undefined);
}

async function openAll(model: Model, direction: Direction): Promise<Network[]> {
  const graphs = model.scheme.graphs[direction];
  return Promise.all(graphs.map((graph) => openGraph(model, graph)));
}

/** Opens all graphs and runs each once, as the first run of a graph is slow. */
async function warmUp(model: Model): Promise<void> {
  await openAll(model, 'reveal');
  const scheme = await schemeOf(model);
  for (const graph of [...model.scheme.graphs.hide, ...model.scheme.graphs.reveal]) {
    const network = await openGraph(model, graph);
    await network.run(scheme.trial(graph));
  }
}

function once<Key, Value>(
  known: Map<Key, Promise<Value>>,
  key: Key,
  make: () => Promise<Value>,
): Promise<Value> {
  let value = known.get(key);
  if (!value) {
    value = make();
    known.set(key, value);
    // So that the next call tries again.
    value.catch(() => known.delete(key));
  }
  return value;
}
