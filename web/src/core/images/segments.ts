// The parts that picture files consist of: segments of JPEG, chunks of PNG, chunks of WebP.

import { type Bytes, bigEndian, concat, utf8 } from '../bytes';

/** A part of a file: where it starts and ends, and where its data starts and ends. */
export interface Part {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly data: Uint8Array;
}

/** Markers of JPEG. */
export const [SCAN, END] = [0xda, 0xd9];

/** A segment of a JPEG; its name is the marker as a character. */
export interface Segment extends Part {
  readonly marker: number;
}

/**
 * The segments of a JPEG, up to the picture's end.
 *
 * Bytes that belong to no segment are left out, as decoders do.
 */
export function* jpegSegments(content: Uint8Array): Generator<Segment> {
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  for (let place = 2; ; ) {
    const start = nextMarker(content, place);
    if (start < 0) return;
    const marker = content[start + 1];
    if (marker === END) return;
    if (marker === 0x01 || marker === 0xd8) {
      // Without a length.
      place = start + 2;
      continue;
    }
    const end = start + 2 + view.getUint16(start + 2);
    const data = content.subarray(start + 4, end);
    yield { name: String.fromCharCode(marker), marker, start, end, data };
    place = end;
  }
}

/** Where the next marker of a JPEG starts, from a place on; -1 if there is none. */
export function nextMarker(content: Uint8Array, from: number): number {
  for (let place = content.indexOf(0xff, from); place >= 0; ) {
    const next = content[place + 1];
    if (next === undefined) return -1;
    if (next === 0xff) {
      place++;
    } else if (next === 0 || (next >= 0xd0 && next <= 0xd7)) {
      // Coded data.
      place = content.indexOf(0xff, place + 2);
    } else {
      return place;
    }
  }
  return -1;
}

/** The chunks of a PNG; a RangeError if one ends beyond the file. */
export function* pngChunks(content: Uint8Array): Generator<Part> {
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  for (let start = 8, name = ''; name !== 'IEND'; ) {
    const size = view.getUint32(start);
    const end = start + 12 + size;
    if (end > content.length) throw new RangeError('a chunk is larger than its file');
    name = textAt(content, start + 4, 4);
    yield { name, start, end, data: content.subarray(start + 8, end - 4) };
    start = end;
  }
}

/** The chunks of a WebP. */
export function* webpChunks(content: Uint8Array): Generator<Part> {
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  for (let start = 12; start + 8 <= content.length; ) {
    const size = view.getUint32(start + 4, true);
    const end = start + 8 + size + (size % 2);
    const data = content.subarray(start + 8, start + 8 + size);
    yield { name: textAt(content, start, 4), start, end, data };
    start = end;
  }
}

/** A WebP file of chunks. */
export function webpOf(chunks: readonly { name: string; data: Uint8Array }[]): Bytes {
  const little = (value: number) => bigEndian(value, 4).reverse();
  const body = concat(
    ...chunks.flatMap(({ name, data }) => [
      utf8(name),
      little(data.length),
      data,
      new Uint8Array(data.length % 2),
    ]),
  );
  return concat(utf8('RIFF'), little(4 + body.length), utf8('WEBP'), body);
}

/** Bytes of a file as characters. */
export function textAt(content: Uint8Array, start: number, length: number): string {
  return String.fromCharCode(...content.subarray(start, start + length));
}
