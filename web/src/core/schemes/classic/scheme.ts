// Hiding and revealing with `classic`, in overlapping tiles.

import { blank, copyRectangle, crop, type Picture } from '../../images/picture';
import { resize } from '../../images/resize';
import type { Manifest } from '../manifest';
import type { Direction, Network, Progress, Run, Scheme } from '../scheme';
import { noise, pictures } from '../tensors';
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

    trial: (direction) =>
      runOf(
        direction,
        INPUTS[direction].map((_, index) => ({ ...TRIAL, data: noise(TRIAL, index + 1) })),
      ),

    hide: (network, cover, secret, _options, _passphrase, progress) => {
      const resized = resize(secret, cover.width, cover.height);
      return inTiles(network, 'hide', [cover, resized], halo.hide, progress);
    },

    reveal: async (network, container, _passphrase, progress) => ({
      picture: await inTiles(network, 'reveal', [container], halo.reveal, progress),
      damage: null,
      notes: [],
    }),
  };
}

function runOf(direction: Direction, inputs: readonly Picture[]): Run {
  const named = inputs.map((picture, index) => [
    INPUTS[direction][index],
    pictures([picture.data], picture),
  ]);
  return { inputs: Object.fromEntries(named), output: OUTPUTS[direction] };
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
    const data = await network.run(
      runOf(
        direction,
        inputs.map((picture) => crop(picture, read)),
      ),
    );
    const tile = { width: read.width, height: read.height, data };
    const inner = { ...write, top: write.top - read.top, left: write.left - read.left };
    copyRectangle(tile, inner, output, write.top, write.left);
    progress((index + 1) / tiles.length);
  }
  return output;
}
