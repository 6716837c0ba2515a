// `clear`: the secret's own file, or a learned code of it, in the residues of the cover's pixels.

import type { SchemeEntry } from '../scheme';

export const clear: SchemeEntry = {
  graphs: { hide: ['hide', 'estimate'], reveal: ['reveal'] },
  hideNote: () =>
    'The secret’s own file, bit for bit where it fits, else a code of its pixels, carried by small ' +
    'changes to the cover’s. Sharper and faster than classic, and it can be protected by a ' +
    'passphrase.',
  revealNote: 'How the secret was hidden is read from the container.',
  noPassphrase: null,
  hidesFiles: true,
  gain: 20,
  load: async (manifest) => (await import('./scheme')).makeScheme(manifest),
};
