// `classic`: networks that map pictures to pictures, after Baluja's paper.

import { figures } from '../manifest';
import type { SchemeEntry } from '../scheme';

export const classic: SchemeEntry = {
  graphs: { hide: ['hide'], reveal: ['reveal'] },
  hideNote: ({ quality }) =>
    `The networks of Baluja’s 2017 paper. ${figures(quality)} ` +
    'Without WebGPU a megapixel takes about eight seconds.',
  revealNote:
    'This model cannot tell a container from any other picture: if nothing is hidden, it shows ' +
    'whatever its network makes of the picture.',
  noPassphrase:
    'This model cannot use a passphrase. Its networks have no key, so anyone who has them can ' +
    'reveal the picture.',
  hidesFiles: false,
  gain: 4,
  load: async (manifest) => (await import('./scheme')).makeScheme(manifest),
};
