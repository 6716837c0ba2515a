// The graphs of `clear`: runs on a batch of tiles of one size.

import type { Bits } from '../../carriers/residues';
import type { Size } from '../../images/picture';
import type { Network, Run } from '../scheme';
import { byteRows, pictures, scalar } from '../tensors';

/** Tiles per run: with threads, larger batches keep them busy; without, they only take memory. */
export function batchSize({ threads }: Network): number {
  return threads > 1 ? 4 : 2;
}

export function hideRun(
  tile: Size,
  batch: {
    readonly covers: readonly Uint8Array[];
    readonly secrets: readonly Uint8Array[];
    readonly keystreams: readonly Uint8Array[];
    readonly headers: readonly Uint8Array[];
    readonly bits: Bits;
  },
): Run {
  return {
    inputs: {
      cover: pictures(batch.covers, tile),
      secret: pictures(batch.secrets, tile),
      pad: pictures(batch.keystreams, tile),
      header: byteRows(batch.headers),
      bits: scalar(batch.bits),
    },
    output: 'container',
  };
}

export function revealRun(
  tile: Size,
  containers: readonly Uint8Array[],
  keystreams: readonly Uint8Array[],
  bits: Bits,
): Run {
  return {
    inputs: {
      container: pictures(containers, tile),
      pad: pictures(keystreams, tile),
      bits: scalar(bits),
    },
    output: 'secret',
  };
}
