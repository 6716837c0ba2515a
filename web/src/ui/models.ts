// What the page says of the two models, with the figures of their manifests.

import classic from '@models/classic/manifest.json';
import clear from '@models/clear/manifest.json';

interface Psnr {
  readonly mean: number;
}
interface Quality {
  readonly cover_psnr: Psnr;
  readonly revealed_psnr: Psnr;
}

const byBits = (clear.quality as { by_bits?: Record<string, Quality> }).by_bits ?? {};

const CHARACTER: Record<string, string> = {
  1: 'The cover changes least.',
  2: 'A fine balance.',
  3: 'The secret comes back best.',
};

export function payloadNote(bits: string): string {
  const character = CHARACTER[bits];
  return byBits[bits] ? `${character} ${figures(byBits[bits])}` : character;
}

export const CLEAR_NOTE =
  'An exact code, carried by changes of a few levels. Sharper and faster than classic, and the only one that a passphrase can protect.';

export const CLASSIC_NOTE =
  `The networks of Baluja’s paper of 2017. ${figures(classic.quality)} Its changes can be seen, ` +
  'and without WebGPU a megapixel takes about half a minute.';

export const CLASSIC_PASSPHRASE_NOTE =
  'classic takes none: its networks map pictures to pictures, and whoever has them can undo what ' +
  'they did. There is no key to turn.';

export const CLASSIC_REVEAL_NOTE =
  'classic cannot tell a container from another picture: of one that holds nothing it shows ' +
  'whatever its network makes of it.';

function figures({ cover_psnr, revealed_psnr }: Quality): string {
  const cover = cover_psnr.mean.toFixed(1);
  return `On average ${cover} dB for the cover, ${revealed_psnr.mean.toFixed(1)} for the secret.`;
}
