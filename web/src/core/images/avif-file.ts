// AVIF files around AV1 streams that come without their files' boxes (ISO/IEC 23008-12).

import { type Bytes, bigEndian, concat, utf8 } from '../bytes';
import type { Size } from './picture';

const NO_FLAGS = new Uint8Array(4);
const DEPTHS = Uint8Array.of(3, 8, 8, 8);
/** Primaries and transfer of sRGB, the matrix of BT.601, full range. */
const COLOURS = concat(bigEndian(1, 2), bigEndian(13, 2), bigEndian(6, 2), Uint8Array.of(0x80));
/** One item, with four properties, of which the third, `av1C`, has to be understood. */
const PROPERTIES_OF_ITEM = Uint8Array.of(0, 0, 0, 1, 0, 1, 4, 1, 2, 0x83, 4);

/**
 * The file is byte for byte the one that the Python package makes of the same stream.
 *
 * @param config The second and third byte of its configuration: profile, level, depth, subsampling.
 * @param stream Of a still picture.
 */
export function avifOf({ width, height }: Size, config: Uint8Array, stream: Uint8Array): Bytes {
  const start = box('ftyp', utf8('avif'), NO_FLAGS, utf8('avifmif1miaf'));
  const properties = [
    box('ispe', NO_FLAGS, bigEndian(width, 4), bigEndian(height, 4)),
    box('pixi', NO_FLAGS, DEPTHS),
    box('av1C', Uint8Array.of(0x81), config, Uint8Array.of(0)),
    box('colr', utf8('nclx'), COLOURS),
  ];
  const meta = (offset: number) =>
    box(
      'meta',
      NO_FLAGS,
      box('hdlr', NO_FLAGS, new Uint8Array(4), utf8('pict'), new Uint8Array(13)),
      box('pitm', NO_FLAGS, bigEndian(1, 2)),
      box('iloc', NO_FLAGS, placeOf(offset, stream.length)),
      box('iinf', NO_FLAGS, bigEndian(1, 2), item()),
      box('iprp', box('ipco', ...properties), box('ipma', NO_FLAGS, PROPERTIES_OF_ITEM)),
    );
  const offset = start.length + meta(0).length + 8;
  return concat(start, meta(offset), box('mdat', stream));
}

function box(name: string, ...content: readonly Uint8Array[]): Bytes {
  const whole = concat(...content);
  return concat(bigEndian(whole.length + 8, 4), utf8(name), whole);
}

/** Where item 1 lies: in one part, with an offset and a length of four bytes each. */
function placeOf(offset: number, length: number): Bytes {
  const numbers = [1, 1, 0, 1].map((number) => bigEndian(number, 2));
  return concat(Uint8Array.of(0x44, 0), ...numbers, bigEndian(offset, 4), bigEndian(length, 4));
}

/** Item 1, which is coded by AV1 and has no name. */
function item(): Bytes {
  return box('infe', Uint8Array.of(2, 0, 0, 0, 0, 1, 0, 0), utf8('av01'), Uint8Array.of(0));
}
