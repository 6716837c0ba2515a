// ONNX Runtime Web on WebAssembly, and what its two builds have in common.

import wasmModule from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import wasmBinary from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import * as wasm from 'onnxruntime-web/wasm';
import type { Network, TensorData } from '../core/engine/network';
import { ModelError } from '../core/errors';
import type { Model } from '../models';
import { fetchGraph } from './fetch';

/** More threads than this hardly help, and take memory. */
const MAX_THREADS = 8;

export const threads = globalThis.crossOriginIsolated
  ? Math.min(navigator.hardwareConcurrency || 1, MAX_THREADS)
  : 1;

wasm.env.wasm.numThreads = threads;
wasm.env.wasm.wasmPaths = absolute(wasmModule, wasmBinary);

type Runtime = Pick<typeof wasm, 'InferenceSession' | 'Tensor'>;

export function openOnWasm(model: Model, graph: string): Promise<Network> {
  return open(wasm, model, graph, 'wasm');
}

/** Loads a graph into one of ONNX Runtime's builds. */
export async function open(
  { InferenceSession, Tensor }: Runtime,
  model: Model,
  graph: string,
  provider: 'wasm' | 'webgpu',
): Promise<Network> {
  const content = await fetchGraph(model, graph);
  let session: wasm.InferenceSession;
  try {
    session = await InferenceSession.create(content, {
      executionProviders: [provider],
      // Errors only: a warning that shapes are computed on the CPU is of no use here.
      logSeverityLevel: 3,
    });
  } catch (error) {
    throw new ModelError(
      'ONNX Runtime could not be started. This page needs a browser with WebAssembly SIMD: ' +
        'Chrome or Edge 91, Firefox 114, Safari 16.4 or later.',
      { cause: error },
    );
  }
  return {
    backend: provider === 'wasm' ? 'WebAssembly' : 'WebGPU',
    threads: provider === 'wasm' ? threads : 1,
    async run({ inputs, outputs }) {
      const feeds = Object.fromEntries(
        Object.entries(inputs).map(([name, { type, data, shape }]) => [
          name,
          new Tensor(type, data, shape),
        ]),
      );
      const results = await session.run(feeds, outputs);
      return outputs.map((output) => results[output].data as TensorData);
    },
  };
}

/** Paths of ONNX Runtime's own files, which its threads need to be absolute. */
export function absolute(module: string, binary: string): { mjs: string; wasm: string } {
  const base = import.meta.url;
  return { mjs: new URL(module, base).href, wasm: new URL(binary, base).href };
}
