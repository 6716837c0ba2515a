// A picture that is to be hidden, and what its file says of it.

import type { Bytes } from '../bytes';
import type { Format } from './formats';
import type { Picture } from './picture';

export interface Image {
  /** Upright, in sRGB, on white where it is transparent. */
  readonly picture: Picture;
  /** Whether the picture is all that its file shows: 8 bits per sample, nothing transparent. */
  readonly plain: boolean;
  /** Of the file. */
  readonly format: Format;
  /** The whole file, if it can be hidden as it is. */
  readonly content: Bytes | null;
}
