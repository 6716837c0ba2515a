// What the page reads in a model's manifest. Schemes may read more.

import type { OptionSpec } from './options';

export interface Manifest {
  /** Name of the model. */
  readonly model: string;
  /** Name of its scheme. */
  readonly scheme: string;
  readonly options: Readonly<Record<string, OptionSpec>>;
  readonly weights_sha256: string;
  readonly files: Readonly<Record<string, { readonly sha256: string }>>;
  /** Figures of the model, or for each choice of an option NAME under `by_NAME`. */
  readonly quality: object;
}

interface Psnr {
  readonly mean: number;
}

interface Quality {
  readonly cover_psnr: Psnr;
  readonly revealed_psnr: Psnr;
}

/** Mean quality of a model as a sentence, or an empty text if the manifest has no figures. */
export function figures(quality: object): string {
  const { cover_psnr, revealed_psnr } = quality as Partial<Quality>;
  if (!cover_psnr || !revealed_psnr) return '';
  const [cover, revealed] = [cover_psnr, revealed_psnr].map(({ mean }) => mean.toFixed(1));
  return `On average ${cover} dB for the cover and ${revealed} dB for the revealed secret.`;
}

/** The same for one choice of an option. */
export function figuresOf(manifest: Manifest, option: string, choice: string | number): string {
  const quality = manifest.quality as Record<string, Record<string, object> | undefined>;
  return figures(quality[`by_${option}`]?.[choice] ?? {});
}
