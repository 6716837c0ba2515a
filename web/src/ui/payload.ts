// What is said of payloads: what a secret is hidden as, or would be.

import { isExact, type Payload } from '../core/payloads/payload';
import type { Forecast } from '../core/schemes/scheme';
import { bytes } from './dom';

const NAMES: Readonly<Record<Payload['kind'], string>> = {
  file: 'its own file',
  pixels: 'a lossless file of its pixels',
  code: 'a code of its pixels',
};

/** What a container carries, as a fact beside a result. */
export function factOf(payload: Payload): string {
  return `${isExact(payload) ? 'bit for bit' : 'not bit for bit'}: ${detailsOf(payload)}`;
}

/** What would become of a secret, in sentences. */
export function sentencesOn({ capacity, payload, problem }: Forecast): string {
  if (problem) return problem;
  if (!payload) return `This cover holds ${bytes(capacity)}.`;
  const outcome = isExact(payload) ? 'bit for bit' : `at about ${payload.psnr?.toFixed(0)} dB`;
  return `The secret will come back ${outcome}: ${detailsOf(payload)}.`;
}

function detailsOf({ kind, size, capacity, codedSize }: Payload): string {
  const reduced = codedSize ? `, reduced to ${codedSize.width} × ${codedSize.height}` : '';
  const room = size === capacity ? bytes(size) : `${bytes(size)} of ${bytes(capacity)}`;
  return `${NAMES[kind]}${reduced}, ${room} that the cover holds`;
}

/** A phrase as a sentence. */
export function sentence(phrase: string): string {
  return `${phrase.charAt(0).toUpperCase()}${phrase.slice(1)}.`;
}
