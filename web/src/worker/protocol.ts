// The messages between the page and its worker.

import type { Size } from '../core/images/picture';
import type { Options } from '../core/schemes/options';
import type { Revealed } from '../core/schemes/scheme';

/** What a picture file is used as. Covers and secrets are plain pictures. */
export type Role = 'picture' | 'container';

/** A picture file, with a number by which the worker remembers the decoded picture. */
export interface NumberedFile {
  readonly number: number;
  readonly file: Blob;
}

export type Request =
  | { kind: 'prepare' }
  | { kind: 'check'; picture: NumberedFile; role: Role }
  | {
      kind: 'hide';
      /** Name of the model. */
      model: string;
      cover: NumberedFile;
      secret: NumberedFile;
      options: Options;
      passphrase: string;
    }
  | { kind: 'reveal'; model: string; container: NumberedFile; passphrase: string };

export interface Preview {
  readonly cover: ImageBitmap;
  readonly container: ImageBitmap;
  /** |container - cover|, amplified by `gain`. */
  readonly difference: ImageBitmap;
  readonly gain: number;
}

interface Finished extends Size {
  readonly png: Blob;
  readonly milliseconds: number;
  readonly backend: string;
}

export interface Results {
  prepare: { readonly threads: number };
  check: Size;
  hide: Finished & {
    /** Of the container relative to the cover, in dB. */
    readonly psnr: number;
    readonly preview: Preview;
  };
  reveal: Finished & Omit<Revealed, 'picture'> & { readonly preview: ImageBitmap };
}

export type Kind = Request['kind'];

export type Reply =
  | { id: number; kind: 'progress'; activity: string; share: number | null }
  | { id: number; kind: 'done'; result: Results[Kind] }
  | { id: number; kind: 'failed'; message: string };
