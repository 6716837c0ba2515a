// The messages between the page and its worker.

import type { Size } from '../core/images/picture';
import type { Payload } from '../core/payloads/payload';
import type { Options } from '../core/schemes/options';
import type { Forecast, Revealed } from '../core/schemes/scheme';

/** What a picture file is used as. */
export type Role = 'cover' | 'secret' | 'container';

/** A picture file, with a number by which the worker remembers the decoded picture. */
export interface NumberedFile {
  readonly number: number;
  readonly file: Blob;
}

/** What is to be hidden, and how. */
export interface HideJob {
  /** Name of the model. */
  readonly model: string;
  readonly cover: NumberedFile;
  readonly secret: NumberedFile;
  readonly options: Options;
  /** Whether the secret's file is hidden without the metadata in it. */
  readonly stripMetadata: boolean;
}

export type Request =
  | { kind: 'prepare' }
  | { kind: 'check'; picture: NumberedFile; role: Role }
  | ({ kind: 'forecast' } & HideJob)
  | ({ kind: 'hide'; passphrase: string } & HideJob)
  | { kind: 'reveal'; model: string; container: NumberedFile; passphrase: string };

export interface Preview {
  readonly cover: ImageBitmap;
  readonly container: ImageBitmap;
  /** |container - cover|, amplified by `gain`. */
  readonly difference: ImageBitmap;
  readonly gain: number;
}

interface Finished extends Size {
  readonly content: Blob;
  /** Such as PNG, and the extension of such files. */
  readonly format: string;
  readonly extension: string;
  readonly milliseconds: number;
  /** What ran the graphs; empty if none was needed. */
  readonly backend: string;
  /** What the container carries; null if the scheme does not say. */
  readonly payload: Payload | null;
  /** What the user should know, each a short phrase. */
  readonly notes: readonly string[];
}

export interface Results {
  prepare: { readonly threads: number };
  check: Size;
  forecast: Forecast | null;
  hide: Finished & {
    /** Of the container relative to the cover, in dB. */
    readonly psnr: number;
    readonly preview: Preview;
  };
  reveal: Finished &
    Pick<Revealed, 'damage'> & {
      /** Null if this browser cannot show the file. */
      readonly preview: ImageBitmap | null;
    };
}

export type Kind = Request['kind'];

export type Reply =
  | { id: number; kind: 'progress'; activity: string; share: number | null }
  | { id: number; kind: 'done'; result: Results[Kind] }
  | { id: number; kind: 'failed'; message: string };
