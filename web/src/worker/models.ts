// The model files: where the build put them, and whether what arrived is what was built.

import classicHide from '@models/classic/hide.onnx?url';
import classicManifest from '@models/classic/manifest.json';
import classicReveal from '@models/classic/reveal.onnx?url';
import clearHide from '@models/clear/hide.onnx?url';
import clearManifest from '@models/clear/manifest.json';
import clearReveal from '@models/clear/reveal.onnx?url';
import { fromHex, toHex } from '../core/bytes';
import { ModelError } from '../core/errors';
import { CODE_SIZE } from '../core/header';

export type ModelName = 'clear' | 'classic';
export type Part = 'hide' | 'reveal';

const URLS: Record<ModelName, Record<Part, string>> = {
  clear: { hide: clearHide, reveal: clearReveal },
  classic: { hide: classicHide, reveal: classicReveal },
};
const MANIFESTS = { clear: clearManifest, classic: classicManifest };

/** Pixels that a part of `classic` looks beyond the one that it writes. */
export const CLASSIC_HALO: Record<Part, number> = classicManifest.halo;

/** By which containers tell the tables of `clear` that made them. */
export const CLEAR_CODE = fromHex(clearManifest.weights_sha256).slice(0, CODE_SIZE);

/** The ONNX file of a part of a model. */
export async function fetchGraph(model: ModelName, part: Part): Promise<Uint8Array<ArrayBuffer>> {
  const content = await fetchWhole(URLS[model][part], `The model ${model}`);
  // Without https there is no SHA-256 to check by; what needs it will say so.
  if (globalThis.crypto?.subtle) {
    const found = new Uint8Array(await crypto.subtle.digest('SHA-256', content));
    if (toHex(found) !== MANIFESTS[model].files[`${part}.onnx`].sha256) {
      throw new ModelError(`The model ${model} arrived damaged. Reload the page.`);
    }
  }
  return content;
}

/** A file of this page's own, whole. */
export async function fetchWhole(url: string, what: string): Promise<Uint8Array<ArrayBuffer>> {
  let why: string;
  try {
    const response = await fetch(url);
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    why = `the server answered ${response.status}`;
  } catch {
    why = 'the connection failed';
  }
  throw new ModelError(`${what} could not be loaded: ${why}. Reload the page to try again.`);
}
