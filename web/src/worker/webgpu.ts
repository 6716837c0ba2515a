// WebGPU, for graphs that it runs correctly and faster than WebAssembly does.

import gpuModule from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import gpuBinary from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import type { Network, Run } from '../core/engine/network';
import type { Model } from '../models';
import { absolute, open } from './sessions';

/** Levels by which WebGPU's samples may differ, as floats may round differently. */
const MAX_DIFFERENCE = 1;

/** Milliseconds that WebGPU has to start, compile its shaders and finish the trial. */
const TIMEOUT = 15_000;

/** The graph on WebGPU if that is correct and faster on a trial run, else `reference`. */
export async function fastest(
  model: Model,
  graph: string,
  trial: Run,
  reference: Network,
): Promise<Network> {
  try {
    return (await within(TIMEOUT, proven(model, graph, trial, reference))) ?? reference;
  } catch (error) {
    console.info('WebGPU failed, so WebAssembly is used.', error);
    return reference;
  }
}

async function proven(
  model: Model,
  graph: string,
  trial: Run,
  reference: Network,
): Promise<Network | null> {
  const adapter = await navigator.gpu?.requestAdapter();
  // A graphics card emulated in software is two hundred times slower than WebAssembly.
  if (!adapter || adapter.info.isFallbackAdapter) return null;
  // Loaded only now, as it takes 25 MB.
  const runtime = await import('onnxruntime-web/webgpu');
  runtime.env.wasm.wasmPaths = absolute(gpuModule, gpuBinary);
  runtime.env.wasm.numThreads = 1;
  const network = await open(runtime, model, graph, 'webgpu');
  const tried = await timed(network, trial);
  const expected = await timed(reference, trial);
  const faster = tried.milliseconds < expected.milliseconds;
  return faster && alike(tried.samples, expected.samples) ? network : null;
}

async function timed(network: Network, trial: Run) {
  // The first run also compiles shaders and arranges weights, so it is not measured.
  await network.run(trial);
  const started = performance.now();
  const [samples] = await network.run(trial);
  return { samples: samples as Uint8Array, milliseconds: performance.now() - started };
}

function alike(one: Uint8Array, other: Uint8Array): boolean {
  return one.every((level, index) => Math.abs(level - other[index]) <= MAX_DIFFERENCE);
}

function within<T>(milliseconds: number, task: Promise<T>): Promise<T> {
  const timeout = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('it took too long')), milliseconds);
  });
  return Promise.race([task, timeout]);
}
