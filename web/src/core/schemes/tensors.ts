// The tensors that graphs take, and the parts of those that they return.

import type { Size } from '../images/picture';
import type { Tensor } from './scheme';

/** RGB samples of pictures of one size as uint8 (count, height, width, 3). */
export function pictures(samples: readonly Uint8Array[], { height, width }: Size): Tensor {
  return { type: 'uint8', data: joined(samples), shape: [samples.length, height, width, 3] };
}

/** Byte strings of one length as uint8 (count, length). */
export function byteRows(rows: readonly Uint8Array[]): Tensor {
  return { type: 'uint8', data: joined(rows), shape: [rows.length, rows[0].length] };
}

export function scalar(value: number): Tensor {
  return { type: 'int64', data: BigInt64Array.of(BigInt(value)), shape: [] };
}

/** The parts of a batch, `count` of one length. */
export function split(data: Uint8Array, count: number): Uint8Array[] {
  const size = data.length / count;
  return Array.from({ length: count }, (_, index) => data.slice(index * size, (index + 1) * size));
}

/** Uniform samples, the same for the same seed. */
export function noise({ height, width }: Size, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: height * width * 3 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const size = parts[0].length;
  const batch = new Uint8Array(size * parts.length);
  for (const [index, part] of parts.entries()) batch.set(part, index * size);
  return batch;
}
