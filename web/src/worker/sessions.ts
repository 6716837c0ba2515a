// ONNX Runtime Web: sessions on WebAssembly, and on WebGPU where that proves right and faster.

import gpuModule from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import gpuBinary from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import wasmModule from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import wasmBinary from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import * as wasm from 'onnxruntime-web/wasm';
import type { ClearGraphs } from '../core/coded';
import type { DirectGraph } from '../core/direct';
import { ModelError } from '../core/errors';
import { HEADER_SIZE } from '../core/header';
import type { Picture } from '../core/picture';
import { CLEAR_CODE, fetchGraph, type ModelName, type Part } from './models';

/** Threads help up to about this many; more only take memory. */
const MOST_THREADS = 8;

/** Side of the pictures that are tried on, and how far WebGPU's samples may be off. */
const TRIAL = 96;
const MOST_DIFFERENCE = 1;

/** How long WebGPU may take to start and prove itself, shaders and all, in ms. */
const PATIENCE = 15_000;

export type Backend = 'WebAssembly' | 'WebGPU';

export const threads = globalThis.crossOriginIsolated
  ? Math.min(navigator.hardwareConcurrency || 1, MOST_THREADS)
  : 1;

wasm.env.wasm.numThreads = threads;
wasm.env.wasm.wasmPaths = absolute(wasmModule, wasmBinary);

const sessions = new Map<string, Promise<wasm.InferenceSession>>();

/** A session on WebAssembly; a second call gets the same one. */
function open(model: ModelName, part: Part): Promise<wasm.InferenceSession> {
  const name = `${model} ${part}`;
  let session = sessions.get(name);
  if (!session) {
    session = create(wasm, model, part, 'wasm');
    sessions.set(name, session);
    // What failed may be tried again.
    session.catch(() => sessions.delete(name));
  }
  return session;
}

async function create(
  runtime: Pick<typeof wasm, 'InferenceSession'>,
  model: ModelName,
  part: Part,
  provider: 'wasm' | 'webgpu',
): Promise<wasm.InferenceSession> {
  const graph = await fetchGraph(model, part);
  try {
    return await runtime.InferenceSession.create(graph, {
      executionProviders: [provider],
      // Errors only: that shapes are worked out on the CPU is as it should be.
      logSeverityLevel: 3,
    });
  } catch (error) {
    throw new ModelError(
      'ONNX Runtime could not be started. This page needs a browser with WebAssembly SIMD: ' +
        'Chrome or Edge 91, Firefox 114, Safari 16.4 or later.',
      { cause: error },
    );
  }
}

/** Loads a part of `clear`, so that it is ready when it is needed. */
export async function prepare(part: Part): Promise<void> {
  await open('clear', part);
}

/** Runs both parts of `clear` on a small tile: what was compiled but never run is slow at first. */
export async function rehearse(): Promise<void> {
  const { width, height, data } = noise(1);
  const tile = { width, height, bits: 2 as const, pads: [data] };
  const headers = [new Uint8Array(HEADER_SIZE)];
  const containers = await clearGraphs.hide({ ...tile, covers: [data], secrets: [data], headers });
  await clearGraphs.reveal({ ...tile, containers });
}

/** The graphs of `clear`: on WebAssembly, as they are integers and loops more than products. */
export const clearGraphs: ClearGraphs = {
  batch: threads > 1 ? 4 : 2,
  code: CLEAR_CODE,

  async hide({ height, width, covers, secrets, pads, headers, bits }) {
    const session = await open('clear', 'hide');
    const count = covers.length;
    const { container } = await session.run({
      cover: tiles(covers, height, width),
      secret: tiles(secrets, height, width),
      pad: tiles(pads, height, width),
      header: new wasm.Tensor('uint8', joined(headers), [count, headers[0].length]),
      bits: scalar(bits),
    });
    return split(container, count);
  },

  async reveal({ height, width, containers, pads, bits }) {
    const session = await open('clear', 'reveal');
    const count = containers.length;
    const { secret } = await session.run({
      container: tiles(containers, height, width),
      pad: tiles(pads, height, width),
      bits: scalar(bits),
    });
    return split(secret, count);
  },
};

export interface DirectNetwork {
  readonly run: DirectGraph;
  readonly backend: Backend;
}

const directs = new Map<Part, Promise<DirectNetwork>>();

/** A network of `classic`, on whichever of WebGPU and WebAssembly is faster here. */
export function classicNetwork(part: Part): Promise<DirectNetwork> {
  let network = directs.get(part);
  if (!network) {
    network = fastest(part);
    directs.set(part, network);
    network.catch(() => directs.delete(part));
  }
  return network;
}

async function fastest(part: Part): Promise<DirectNetwork> {
  const run = direct(wasm, await open('classic', part), part);
  try {
    const onGpu = await within(PATIENCE, proven(part, run));
    if (onGpu) return { run: onGpu, backend: 'WebGPU' };
  } catch (error) {
    console.info('WebGPU was tried and failed, so WebAssembly does the work.', error);
  }
  return { run, backend: 'WebAssembly' };
}

/** `classic` on WebGPU, if that is right and faster than a reference on the same pictures. */
async function proven(part: Part, reference: DirectGraph): Promise<DirectGraph | null> {
  const adapter = await navigator.gpu?.requestAdapter();
  // A graphics card that is imitated in software is two hundred times slower than WebAssembly.
  if (!adapter || adapter.info.isFallbackAdapter) return null;
  // Only here are its 25 MB fetched.
  const gpu = await import('onnxruntime-web/webgpu');
  gpu.env.wasm.wasmPaths = absolute(gpuModule, gpuBinary);
  gpu.env.wasm.numThreads = 1;
  const run = direct(gpu, await create(gpu, 'classic', part, 'webgpu'), part);
  const inputs = part === 'hide' ? [noise(1), noise(2)] : [noise(1)];
  const tried = await timed(run, inputs);
  const expected = await timed(reference, inputs);
  return tried.ms < expected.ms && close(tried.made, expected.made) ? run : null;
}

function within<T>(milliseconds: number, task: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('it took too long')), milliseconds);
  });
  return Promise.race([task, late]);
}

function direct(
  { Tensor }: Pick<typeof wasm, 'Tensor'>,
  session: wasm.InferenceSession,
  part: Part,
): DirectGraph {
  const names = part === 'hide' ? ['cover', 'secret'] : ['container'];
  const made = part === 'hide' ? 'container' : 'secret';
  return async (pictures) => {
    const { width, height } = pictures[0];
    const feed = Object.fromEntries(
      pictures.map(({ data }, index) => [
        names[index],
        new Tensor('uint8', data, [1, height, width, 3]),
      ]),
    );
    const { [made]: output } = await session.run(feed);
    return { width, height, data: output.data as Uint8Array };
  };
}

async function timed(network: DirectGraph, inputs: Picture[]) {
  // The first run compiles shaders and lays weights out; it is not what counts.
  await network(inputs);
  const started = performance.now();
  const made = await network(inputs);
  return { made, ms: performance.now() - started };
}

function noise(seed: number): Picture {
  let state = seed;
  const data = Uint8Array.from({ length: TRIAL * TRIAL * 3 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
  return { width: TRIAL, height: TRIAL, data };
}

function close(one: Picture, other: Picture): boolean {
  return one.data.every((level, index) => Math.abs(level - other.data[index]) <= MOST_DIFFERENCE);
}

function tiles(samples: Uint8Array[], height: number, width: number): wasm.Tensor {
  return new wasm.Tensor('uint8', joined(samples), [samples.length, height, width, 3]);
}

function scalar(value: number): wasm.Tensor {
  return new wasm.Tensor('int64', BigInt64Array.of(BigInt(value)), []);
}

function joined(parts: Uint8Array[]): Uint8Array {
  const size = parts[0].length;
  const made = new Uint8Array(size * parts.length);
  for (const [index, part] of parts.entries()) made.set(part, index * size);
  return made;
}

function split(tensor: wasm.Tensor, count: number): Uint8Array[] {
  const data = tensor.data as Uint8Array;
  const size = data.length / count;
  return Array.from({ length: count }, (_, index) => data.slice(index * size, (index + 1) * size));
}

function absolute(mjs: string, wasmFile: string) {
  const from = self.location.href;
  return { mjs: new URL(mjs, from).href, wasm: new URL(wasmFile, from).href };
}
