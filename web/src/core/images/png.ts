// PNG files to exact samples, without a canvas, which may change samples.

import { convertIndexedToRgb, type DecodedPng, decode } from 'fast-png';
import { fromBigEndian } from '../bytes';
import { PictureError } from '../errors';
import { blank, type Picture, type Size } from './picture';

/** The size in a PNG's header, without decoding the rest. */
export function pngSize(content: Uint8Array): Size {
  return {
    width: fromBigEndian(content.subarray(16, 20)),
    height: fromBigEndian(content.subarray(20, 24)),
  };
}

/**
 * Decodes a PNG of any type: grey becomes RGB, 16 bits become 8, colour profiles are ignored.
 *
 * @param transparency `drop` ignores transparency, `white` puts the picture on a white background.
 */
export function decodePng(content: Uint8Array, transparency: 'drop' | 'white'): Picture {
  let decoded: DecodedPng;
  try {
    decoded = decode(content, { checkCrc: true });
  } catch (error) {
    throw new PictureError('This PNG file is damaged or incomplete.', { cause: error });
  }
  const { samples, channels } = eightBit(decoded);
  const picture = blank(decoded.width, decoded.height);
  const inColour = channels >= 3;
  const alpha = channels === 2 || channels === 4 ? channels - 1 : -1;
  for (let from = 0, to = 0; to < picture.data.length; from += channels, to += 3) {
    for (let colour = 0; colour < 3; colour++) {
      let level = samples[from + (inColour ? colour : 0)];
      if (alpha > 0 && transparency === 'white') {
        const opacity = samples[from + alpha];
        level = Math.round((level * opacity + 255 * (255 - opacity)) / 255);
      }
      picture.data[to + colour] = level;
    }
  }
  return picture;
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
