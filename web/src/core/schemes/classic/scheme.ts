// Hiding and revealing with `classic`, in overlapping tiles.

import type { Network, Run } from '../../engine/network';
import { noise, pictures } from '../../engine/tensors';
import { blank, copyRectangle, crop, type Picture } from '../../images/picture';
import { resize } from '../../images/resize';
import type { Manifest } from '../manifest';
import type { Direction, Progress, Scheme } from '../scheme';
import { haloTiles } from './tiles';

interface ClassicManifest extends Manifest {
  /** Pixels that each network looks beyond the one that it writes. */
  readonly halo: Record<Direction, number>;
}

/** Largest side in pixels of what one run writes: small enough to show progress. */
const TILE = 256;

const TRIAL = { width: 96, height: 96 };

const INPUTS = { hide: ['cover', 'secret'], reveal: ['container'] } as const;
const OUTPUTS = { hide: 'container', reveal: 'secret' } as const;

export function makeScheme(manifest: Manifest): Scheme {
  const { halo } = manifest as ClassicManifest;
  return {
    triesGpu: true,

    // Each graph is named like its direction.
    trial: (graph) => {
      const direction = graph as Direction;
      return runOf(
        direction,
        INPUTS[direction].map((_, index) => noise(TRIAL, index + 1)),
      );
    },

    hide: async (networks, cover, secret, _options, _passphrase, progress) => {
      const resized = resize(secret.picture, cover.width, cover.height);
      const network = await networks('hide');
      const picture = await inTiles(network, 'hide', [cover, resized], halo.hide, progress);
      return { picture, payload: null, notes: [] };
    },

    forecast: async () => null,

    reveal: async (networks, container, _passphrase, progress) => {
      const network = await networks('reveal');
      const picture = await inTiles(network, 'reveal', [container], halo.reveal, progress);
      return { picture, size: picture, file: null, damage: null, notes: [], payload: null };
    },
  };
}

function runOf(direction: Direction, inputs: readonly Picture[]): Run {
  const named = inputs.map((picture, index) => [INPUTS[direction][index], pictures([picture])]);
  return { inputs: Object.fromEntries(named), outputs: [OUTPUTS[direction]] };
}

async function inTiles(
  network: Network,
  direction: Direction,
  inputs: readonly Picture[],
  halo: number,
  progress: Progress,
): Promise<Picture> {
  const { width, height } = inputs[0];
  const output = blank(width, height);
  const tiles = haloTiles(height, width, halo, TILE);
  for (const [index, { read, write }] of tiles.entries()) {
    const [data] = await network.run(
      runOf(
        direction,
        inputs.map((picture) => crop(picture, read)),
      ),
    );
    const tile = { width: read.width, height: read.height, data: data as Uint8Array };
    const inner = { ...write, top: write.top - read.top, left: write.left - read.left };
    copyRectangle(tile, inner, output, write.top, write.left);
    progress((index + 1) / tiles.length);
  }
  return output;
}
