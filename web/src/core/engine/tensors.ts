// The tensors that graphs take, and the parts of those that they return.

import type { Picture, Size } from '../images/picture';
import type { Tensor } from './network';

/** Pictures of one size as uint8 (count, height, width, 3). */
export function pictures(batch: readonly Picture[]): Tensor {
  const [{ height, width }] = batch;
  const data = joined(batch.map((picture) => picture.data));
  return { type: 'uint8', data, shape: [batch.length, height, width, 3] };
}

/** Byte strings of one length as uint8 (count, length). */
export function byteRows(strings: readonly Uint8Array[]): Tensor {
  return { type: 'uint8', data: joined(strings), shape: [strings.length, strings[0].length] };
}

/** A number as int64 (). */
export function scalar(value: number): Tensor {
  return { type: 'int64', data: BigInt64Array.of(BigInt(value)), shape: [] };
}

/** Rows of numbers as int64 (rows, columns), or numbers as int64 (count). */
export function int64(values: readonly number[], columns?: number): Tensor {
  const shape = columns === undefined ? [values.length] : [values.length / columns, columns];
  return { type: 'int64', data: BigInt64Array.from(values, BigInt), shape };
}

/** A number as float32 (). */
export function float(value: number): Tensor {
  return { type: 'float32', data: Float32Array.of(value), shape: [] };
}

/** The parts of a batch, `count` of one length. */
export function split(data: Uint8Array, count: number): Uint8Array[] {
  const size = data.length / count;
  return Array.from({ length: count }, (_, index) => data.slice(index * size, (index + 1) * size));
}

/** A picture of uniform samples, the same for the same seed. */
export function noise({ height, width }: Size, seed: number): Picture {
  let state = seed;
  const data = Uint8Array.from({ length: height * width * 3 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
  return { height, width, data };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const size = parts[0].length;
  const batch = new Uint8Array(size * parts.length);
  for (const [index, part] of parts.entries()) batch.set(part, index * size);
  return batch;
}
