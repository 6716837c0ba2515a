// The interface of a scheme, which is one way of hiding. Each has a folder beside this file.

import type { Bytes } from '../bytes';
import type { Networks, Run } from '../engine/network';
import type { Format } from '../images/formats';
import type { Image } from '../images/image';
import type { Picture, Size } from '../images/picture';
import type { Payload } from '../payloads/payload';
import type { Manifest } from './manifest';
import type { Options } from './options';

export type Direction = 'hide' | 'reveal';

/** Called with the share that is done, 0 to 1. */
export type Progress = (share: number) => void;

/** A cover after hiding. */
export interface Hidden {
  readonly picture: Picture;
  /** What it carries; null if the scheme does not say. */
  readonly payload: Payload | null;
  /** What the user should know, each a short phrase. */
  readonly notes: readonly string[];
}

/** What would become of a secret. */
export interface Forecast {
  /** Bytes that the cover holds. */
  readonly capacity: number;
  /** What the secret would be hidden as; null where it cannot be hidden. */
  readonly payload: Payload | null;
  /** Why it cannot be hidden; null where it can. */
  readonly problem: string | null;
}

/** What is wrong with a container that was changed after hiding, and can still be revealed in part. */
export interface Damage {
  /** Tiles of the container that were altered or cut off. */
  readonly damaged: number;
  readonly tiles: number;
  /** Parts of the secret that are lost for it, and grey; 0 where the secret is whole. */
  readonly lost: number;
  readonly parts: number;
}

export interface Revealed {
  /** Null if this browser cannot show the file. */
  readonly picture: Picture | null;
  readonly size: Size;
  /** The secret's own file, where that was carried. */
  readonly file: { readonly format: Format; readonly content: Bytes } | null;
  readonly damage: Damage | null;
  /** What the user should know, each a short phrase. */
  readonly notes: readonly string[];
  /** What the container carries; null if the scheme does not say. */
  readonly payload: Payload | null;
}

/** How a model hides and reveals. */
export interface Scheme {
  /** Whether the graphs may be faster on a graphics card, so that WebGPU is worth trying. */
  readonly triesGpu: boolean;

  /** A small run of a graph, to warm it up or to compare backends. */
  trial(graph: string): Run;

  /**
   * Hides a secret.
   *
   * @param passphrase Empty if there is none.
   */
  hide(
    networks: Networks,
    cover: Picture,
    secret: Image,
    options: Options,
    passphrase: string,
    progress: Progress,
  ): Promise<Hidden>;

  /** What `hide` would do, if the scheme can tell in little time. */
  forecast(
    networks: Networks,
    cover: Picture,
    secret: Image,
    options: Options,
  ): Promise<Forecast | null>;

  /**
   * Reveals as much of a secret as is left.
   *
   * @param passphrase Empty if there is none.
   */
  reveal(
    networks: Networks,
    container: Picture,
    passphrase: string,
    progress: Progress,
  ): Promise<Revealed>;
}

/** What the page shows about a scheme, and how it loads the code that does the work. */
export interface SchemeEntry {
  /** The graphs that each direction may need, by name. */
  readonly graphs: Readonly<Record<Direction, readonly string[]>>;
  /** Beside the model's name when hiding. */
  hideNote(manifest: Manifest): string;
  /** Beside the model's name when revealing. */
  readonly revealNote: string;
  /** Why the scheme cannot use a passphrase, or null if it can. */
  readonly noPassphrase: string | null;
  /** Whether the secret's own file may be hidden, with all that is in it. */
  readonly hidesFiles: boolean;
  /** Factor by which the page amplifies the difference between cover and container. */
  readonly gain: number;
  load(manifest: Manifest): Promise<Scheme>;
}
