// Fetches the graphs of models, and checks that they arrived as they were built.

import { toHex } from '../core/bytes';
import { ModelError } from '../core/errors';
import type { Model } from '../models';

/** The ONNX file of a graph of a model. */
export async function fetchGraph(
  { manifest, graphs }: Model,
  graph: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const content = await download(graphs[graph], manifest.model);
  // Pages loaded over plain http have no SHA-256; the checks that need it report that themselves.
  if (globalThis.crypto?.subtle) {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', content));
    if (toHex(digest) !== manifest.files[`${graph}.onnx`].sha256) {
      throw new ModelError(`The model ${manifest.model} arrived damaged. Reload the page.`);
    }
  }
  return content;
}

async function download(url: string, model: string): Promise<Uint8Array<ArrayBuffer>> {
  let reason: string;
  try {
    const response = await fetch(new URL(url, import.meta.url));
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    reason = `the server answered ${response.status}`;
  } catch {
    reason = 'the connection failed';
  }
  throw new ModelError(
    `The model ${model} could not be loaded: ${reason}. Reload the page to try again.`,
  );
}
