// The interface of a scheme, which is one way of hiding. Each has a folder beside this file.

import type { Picture } from '../images/picture';
import type { Manifest } from './manifest';
import type { Options } from './options';

/** A direction, and the graph that a model has for it. */
export type Direction = 'hide' | 'reveal';

export type Tensor =
  | { readonly type: 'uint8'; readonly data: Uint8Array; readonly shape: readonly number[] }
  | { readonly type: 'int64'; readonly data: BigInt64Array; readonly shape: readonly number[] };

/** One run of a graph. */
export interface Run {
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** The output that is wanted; it has to be uint8. */
  readonly output: string;
}

/** A graph that is ready to run. */
export interface Network {
  readonly backend: string;
  /** Threads that one run uses. */
  readonly threads: number;
  run(run: Run): Promise<Uint8Array>;
}

/** Called with the share that is done, 0 to 1. */
export type Progress = (share: number) => void;

/** What is damaged in a container that can still be revealed in part. */
export interface Damage {
  /** Tiles that were altered or cut off; they are grey in the revealed picture. */
  readonly damaged: number;
  readonly tiles: number;
  /** Whether the secret's own size is known; if not, it is revealed at the container's. */
  readonly sizeKnown: boolean;
}

export interface Revealed {
  readonly picture: Picture;
  readonly damage: Damage | null;
  /** Remarks on a container from which everything was revealed. */
  readonly notes: readonly string[];
}

/** How a model hides and reveals. */
export interface Scheme {
  /** Whether the graphs may be faster on a graphics card, so that WebGPU is worth trying. */
  readonly triesGpu: boolean;

  /** A small run of a graph, to warm it up or to compare backends. */
  trial(direction: Direction): Run;

  /**
   * Hides a secret.
   *
   * @param passphrase Empty if there is none.
   */
  hide(
    network: Network,
    cover: Picture,
    secret: Picture,
    options: Options,
    passphrase: string,
    progress: Progress,
  ): Promise<Picture>;

  /**
   * Reveals as much of a secret as is left.
   *
   * @param passphrase Empty if there is none.
   */
  reveal(
    network: Network,
    container: Picture,
    passphrase: string,
    progress: Progress,
  ): Promise<Revealed>;
}

/** What the page shows about a scheme, and how it loads the code that does the work. */
export interface SchemeEntry {
  /** Beside the model's name when hiding. */
  hideNote(manifest: Manifest): string;
  /** Beside the model's name when revealing. */
  readonly revealNote: string;
  /** Why the scheme cannot use a passphrase, or null if it can. */
  readonly noPassphrase: string | null;
  /** Factor by which the page amplifies the difference between cover and container. */
  readonly gain: number;
  load(manifest: Manifest): Promise<Scheme>;
}
