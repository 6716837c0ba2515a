// PNG files to exact samples, without a canvas, which may change samples.

import { convertIndexedToRgb, type DecodedPng, decode } from 'fast-png';
import { concat } from '../bytes';
import { PictureError } from '../errors';
import { blank, onWhite, type Picture } from './picture';
import { pngChunks } from './segments';

/** What a decoder needs. What others hold does not matter, nor whether it is damaged. */
const NEEDED = ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'];

/** Chunks that say of colours that they are not those of sRGB. */
const PROFILES = ['iCCP', 'gAMA', 'cICP'];

export interface OwnPng {
  readonly picture: Picture;
  /** Whether nothing of it is transparent. */
  readonly opaque: boolean;
  /** Bits per sample. */
  readonly depth: number;
}

/**
 * Decodes a PNG of any type: grey becomes RGB, 16 bits become 8, colour profiles are ignored.
 *
 * @param transparency `drop` ignores transparency, `white` puts the picture on a white background.
 */
export function decodePng(content: Uint8Array, transparency: 'drop' | 'white'): OwnPng {
  let decoded: DecodedPng;
  let eight: ReturnType<typeof eightBit>;
  try {
    const parts = [...pngChunks(content)].filter(({ name }) => NEEDED.includes(name));
    const needed = parts.map(({ start, end }) => content.subarray(start, end));
    decoded = decode(concat(content.subarray(0, 8), ...needed), { checkCrc: true });
    eight = eightBit(decoded);
  } catch (error) {
    throw new PictureError('This PNG file is damaged or incomplete.', { cause: error });
  }
  const { samples, channels } = eight;
  const picture = blank(decoded.width, decoded.height);
  const inColour = channels >= 3;
  const alpha = channels === 2 || channels === 4 ? channels - 1 : -1;
  let opaque = decoded.transparency === undefined;
  for (let from = 0, to = 0; to < picture.data.length; from += channels, to += 3) {
    const opacity = alpha > 0 ? samples[from + alpha] : 255;
    if (opacity < 255) opaque = false;
    for (let colour = 0; colour < 3; colour++) {
      let level = samples[from + (inColour ? colour : 0)];
      if (opacity < 255 && transparency === 'white') {
        level = onWhite(level, opacity);
      }
      picture.data[to + colour] = level;
    }
  }
  return { picture, opaque, depth: decoded.depth };
}

/** Whether a PNG says that its colours may not be those of sRGB. */
export function hasProfile(content: Uint8Array): boolean {
  const names = [...pngChunks(content)].map(({ name }) => name);
  return PROFILES.some((name) => names.includes(name)) && !names.includes('sRGB');
}

function eightBit(decoded: DecodedPng): { samples: ArrayLike<number>; channels: number } {
  const { data, depth, palette, channels, width, height } = decoded;
  if (palette) {
    return { samples: convertIndexedToRgb(decoded), channels: palette[0].length };
  }
  if (depth === 16) return { samples: Uint8Array.from(data, (level) => level >> 8), channels };
  if (depth === 8) return { samples: data, channels };
  // Grey with 1, 2 or 4 bits: samples are packed, and each row starts at a new byte.
  const samples = new Uint8Array(width * height);
  const row = Math.ceil((width * depth) / 8);
  const white = (1 << depth) - 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      const byte = data[y * row + (bit >> 3)];
      samples[y * width + x] = (((byte >> (8 - depth - (bit & 7))) & white) * 255) / white;
    }
  }
  return { samples, channels };
}
