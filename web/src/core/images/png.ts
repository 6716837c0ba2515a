// PNG files to exact samples and back, without a canvas, which may change samples.

import { convertIndexedToRgb, type DecodedPng, decode } from 'fast-png';
import { bigEndian, concat, fromBigEndian, utf8 } from '../bytes';
import { PictureError } from '../errors';
import { PNG, PNG_SIGNATURE } from './formats';
import { blank, type Picture, type Size } from './picture';

const RGB = 2;
const AVERAGE = 3;

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

/** Encodes a picture as an 8-bit RGB PNG without colour profile, gamma or transparency. */
export async function encodePng(picture: Picture): Promise<Blob> {
  const header = concat(
    bigEndian(picture.width, 4),
    bigEndian(picture.height, 4),
    Uint8Array.of(8, RGB, 0, 0, 0),
  );
  const compressor = new CompressionStream('deflate');
  const stream = new Blob([filtered(picture)]).stream().pipeThrough(compressor);
  const compressed = new Uint8Array(await new Response(stream).arrayBuffer());
  const signature = Uint8Array.from(PNG_SIGNATURE, (character) => character.charCodeAt(0));
  const chunks = [
    chunk('IHDR', header),
    chunk('IDAT', compressed),
    chunk('IEND', new Uint8Array()),
  ];
  return new Blob([signature, ...chunks], { type: PNG.mediaType });
}

/**
 * The filter "average": each sample minus the mean of the samples to its left and above.
 *
 * Of the five filters it compresses photographs with noise in their lowest bits best; without a
 * filter, containers are half as large again.
 */
function filtered({ width, height, data }: Picture): Uint8Array<ArrayBuffer> {
  const row = width * 3;
  const rows = new Uint8Array((row + 1) * height);
  for (let y = 0, to = 0; y < height; y++) {
    rows[to++] = AVERAGE;
    for (let x = 0, from = y * row; x < row; x++, from++) {
      const left = x < 3 ? 0 : data[from - 3];
      const above = y === 0 ? 0 : data[from - row];
      rows[to++] = data[from] - ((left + above) >> 1);
    }
  }
  return rows;
}

function chunk(type: string, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const named = concat(utf8(type), content);
  return concat(bigEndian(content.length, 4), named, bigEndian(crc32(named), 4));
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let remainder = index;
  for (let bit = 0; bit < 8; bit++) {
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  }
  return remainder;
});

function crc32(content: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of content) crc = CRC_TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
