// What is said of payloads: what a secret is hidden as, or would be.

import { isExact, type Payload } from '../core/payloads/payload';
import type { Forecast } from '../core/schemes/scheme';
import { bytes } from './dom';

const NAMES: Readonly<Record<Payload['kind'], string>> = {
  file: 'its own file',
  repacked: 'its own file',
  pixels: 'a lossless file of its pixels',
  code: 'a code of its pixels',
  compact: 'a compact file of its pixels',
};

/** What a container carries, as a fact beside it. */
export function factOf(payload: Payload): string {
  const { kind, psnr } = payload;
  if (isExact(payload)) return `bit for bit: ${NAMES[kind]}`;
  const quality = psnr === null ? '' : `about ${psnr.toFixed(0)} dB: `;
  return `${quality}${NAMES[kind]}${reducedIn(payload)}`;
}

/** How much of its cover a payload takes. */
export function roomOf({ size, capacity }: Payload): string {
  return `${bytes(size)} of ${bytes(capacity)}`;
}

/** What would become of a secret, in sentences. */
export function sentencesOn({ capacity, payload, problem }: Forecast): string {
  if (problem) return problem;
  if (!payload) return `This cover holds ${bytes(capacity)}.`;
  const { kind, psnr } = payload;
  const room = `This takes ${roomOf(payload)} that the cover holds.`;
  if (isExact(payload)) return `The secret will come back bit for bit, as ${NAMES[kind]}. ${room}`;
  const quality = `at about ${psnr?.toFixed(0)} dB, as ${NAMES[kind]}${reducedIn(payload)}`;
  return `The secret will come back ${quality}. ${room}`;
}

function reducedIn({ codedSize }: Payload): string {
  return codedSize ? `, reduced to ${codedSize.width} × ${codedSize.height}` : '';
}

/** A phrase as a sentence. */
export function sentence(phrase: string): string {
  return `${phrase.charAt(0).toUpperCase()}${phrase.slice(1)}.`;
}
