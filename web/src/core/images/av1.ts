// The size in an AV1 stream's own header, which is what a decoder goes by (AV1, 5.5).
// runtime/images/formats/av1.py is the reference.

import type { Size } from './picture';

const SEQUENCE_HEADER = 1;
const MOST_SIZE_BYTES = 8;

/** Largest size that frames may have, from the sequence headers; null if the stream is damaged. */
export function frameSize(stream: Uint8Array): Size | null {
  try {
    const sizes = [...sequenceHeaders(stream)].map(sizeIn);
    return (
      sizes.reduce((one, other) => (areaOf(other) > areaOf(one) ? other : one), sizes[0]) ?? null
    );
  } catch (error) {
    // It ends within a header.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function areaOf({ width, height }: Size): number {
  return width * height;
}

function* sequenceHeaders(stream: Uint8Array): Generator<Uint8Array> {
  const view = viewOf(stream);
  for (let place = 0; place < stream.length; ) {
    const head = view.getUint8(place);
    place += head & 4 ? 2 : 1;
    let size = stream.length - place;
    if (head & 2) [size, place] = leb128(view, place);
    if (((head >> 3) & 15) === SEQUENCE_HEADER) yield stream.subarray(place, place + size);
    place += size;
  }
}

/** A number of seven bits per byte, the lowest first, and where it ends. */
function leb128(view: DataView, place: number): [value: number, end: number] {
  let value = 0;
  for (let number = 0; number < MOST_SIZE_BYTES; number++) {
    const byte = view.getUint8(place + number);
    value += (byte & 127) * 128 ** number;
    if (byte < 128) return [value, place + number + 1];
  }
  throw new RangeError('a size has too many bytes');
}

function sizeIn(header: Uint8Array): Size {
  const bits = bitsOf(header);
  bits(3 + 1); // profile, still picture
  if (bits(1)) bits(5);
  else skipOperatingPoints(bits);
  const widthBits = bits(4) + 1;
  const heightBits = bits(4) + 1;
  return { width: bits(widthBits) + 1, height: bits(heightBits) + 1 };
}

/** What a header that is not reduced has before the size. */
function skipOperatingPoints(bits: Bits): void {
  let delaySize = 0;
  if (bits(1)) {
    bits(32 + 32); // units of time
    if (bits(1)) skipVariable(bits);
    if (bits(1)) {
      delaySize = bits(5) + 1;
      bits(32 + 5 + 5);
    }
  }
  const hasDelay = bits(1);
  for (let left = bits(5) + 1; left > 0; left--) {
    bits(12);
    if (bits(5) > 7) bits(1);
    if (delaySize && bits(1)) bits(2 * delaySize + 1);
    if (hasDelay && bits(1)) bits(4);
  }
}

function skipVariable(bits: Bits): void {
  let zeros = 0;
  while (!bits(1)) zeros++;
  if (zeros < 32) bits(zeros);
}

/** Reads so many bits, the highest first; exact up to 53. */
type Bits = (count: number) => number;

function bitsOf(content: Uint8Array): Bits {
  const view = viewOf(content);
  let place = 0;
  return (count) => {
    let value = 0;
    for (const end = place + count; place < end; place++) {
      value = 2 * value + ((view.getUint8(place >> 3) >> (7 - (place & 7))) & 1);
    }
    return value;
  };
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}
