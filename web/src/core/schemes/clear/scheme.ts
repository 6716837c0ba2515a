// `clear` as a scheme: the parts of this folder behind the interface that all schemes share.

import { fromHex } from '../../bytes';
import type { Bits } from '../../carriers/residues';
import type { Manifest } from '../manifest';
import type { Options } from '../options';
import type { Scheme } from '../scheme';
import { noise } from '../tensors';
import { hideRun, revealRun } from './graphs';
import { CODEBOOK_ID_SIZE, HEADER_SIZE } from './header';
import { hide } from './hide';
import { reveal } from './reveal';

const TRIAL = { width: 96, height: 96 };

export function makeScheme(manifest: Manifest): Scheme {
  const codebook = fromHex(manifest.weights_sha256).slice(0, CODEBOOK_ID_SIZE);
  return {
    // The graphs are integers and loops rather than products, and have to be exact.
    triesGpu: false,

    trial: (direction) => {
      const samples = [noise(TRIAL, 1)];
      if (direction === 'reveal') return revealRun(TRIAL, samples, samples, 2);
      return hideRun(TRIAL, {
        covers: samples,
        secrets: samples,
        keystreams: samples,
        headers: [new Uint8Array(HEADER_SIZE)],
        bits: 2,
      });
    },

    hide: (network, cover, secret, options, passphrase, progress) =>
      hide(network, codebook, cover, secret, bitsOf(options), passphrase, progress),

    reveal: (network, container, passphrase, progress) =>
      reveal(network, codebook, container, passphrase, progress),
  };
}

function bitsOf({ bits }: Options): Bits {
  if (bits === 1 || bits === 2 || bits === 3) return bits;
  throw new Error(`bits has to be 1, 2 or 3, not ${bits}`);
}
