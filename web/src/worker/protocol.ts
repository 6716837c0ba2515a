// What the page and its worker say to each other.

import type { Bits } from '../core/lattice';
import type { ModelName } from './models';

/** A picture file, with a number by which the worker remembers what it decoded. */
export interface NumberedFile {
  readonly number: number;
  readonly file: Blob;
}

export type Request =
  | { kind: 'prepare' }
  | { kind: 'check'; picture: NumberedFile; as: 'picture' | 'container' }
  | {
      kind: 'hide';
      model: ModelName;
      cover: NumberedFile;
      secret: NumberedFile;
      bits: Bits;
      passphrase: string;
    }
  | { kind: 'reveal'; model: ModelName; container: NumberedFile; passphrase: string };

export interface Preview {
  readonly cover: ImageBitmap;
  readonly container: ImageBitmap;
  /** |container - cover|, amplified. */
  readonly difference: ImageBitmap;
  readonly gain: number;
}

export interface Answers {
  prepare: { threads: number; milliseconds: number };
  check: { width: number; height: number };
  hide: {
    png: Blob;
    width: number;
    height: number;
    /** Of the container against the cover, in dB. */
    psnr: number;
    milliseconds: number;
    backend: string;
    preview: Preview;
  };
  reveal: {
    png: Blob;
    width: number;
    height: number;
    milliseconds: number;
    backend: string;
    /** Tiles of the container, and those of them that are not whole, and grey. */
    tiles: number;
    damaged: number;
    /** Whether the secret's own size is known. */
    sized: boolean;
    /** Whether something was added to the container. */
    enlarged: boolean;
    preview: ImageBitmap;
  };
}

export type Kind = Request['kind'];

export type Reply =
  | { id: number; kind: 'progress'; what: string; share: number | null }
  | { id: number; kind: 'done'; answer: Answers[Kind] }
  | { id: number; kind: 'failed'; name: string; message: string };
