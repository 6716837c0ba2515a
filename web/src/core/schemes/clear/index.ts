// `clear`: an exact code of the secret in the cover's pixel residues.

import type { SchemeEntry } from '../scheme';

export const clear: SchemeEntry = {
  hideNote: () =>
    'An exact code, carried by small changes to the pixels. Sharper and faster than classic, and ' +
    'it can be protected by a passphrase.',
  revealNote: 'The number of bits and the size of the secret are read from the container.',
  noPassphrase: null,
  gain: 20,
  load: async (manifest) => (await import('./scheme')).makeScheme(manifest),
};
