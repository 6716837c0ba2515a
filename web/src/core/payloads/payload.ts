// What is said of a payload: what a container carries, or could.

import type { Size } from '../images/picture';

/**
 * The secret's own file, that file in fewer bytes, a lossless file of its pixels, a learned code of
 * them, or a compact (small AVIF) picture.
 */
export type Kind = 'file' | 'repacked' | 'pixels' | 'code' | 'compact';

export interface Payload {
  readonly kind: Kind;
  /** Bytes that are carried. */
  readonly size: number;
  /** Bytes that the cover holds at most, with the options at hand. */
  readonly capacity: number;
  /** Bits that a pixel of the container carries, on average. */
  readonly bitsPerPixel: number;
  /** The size at which the secret is coded; null where that is its own. */
  readonly codedSize: Size | null;
  /** About what the revealed secret will have, in dB; null if it is exact, or that is not known. */
  readonly psnr: number | null;
}

/** Most bytes of a payload. */
export const LARGEST = 2 ** 32 - 1;

/** Whether the secret comes back bit for bit: its file, or its pixels. */
export function isExact(payload: Payload): boolean {
  return isFile(payload) || payload.kind === 'pixels';
}

/** Whether the secret's own file comes back, byte for byte. */
export function isFile({ kind }: Pick<Payload, 'kind'>): boolean {
  return kind === 'file' || kind === 'repacked';
}

/** The size at which a secret is coded, if it is not its own. */
export function reducedSize(coded: Size, own: Size): Size | null {
  return coded.width === own.width && coded.height === own.height ? null : coded;
}
