// What EXIF says of orientation and location. It is a TIFF structure: a header, then directories of
// entries.

import { type Bytes, concat } from '../bytes';

const ORIENTATION = 0x0112;
const LOCATION = 0x8825;
const LATITUDE = 2;
const LONGITUDE = 4;
const SHORT = 3;

interface Entry {
  readonly tag: number;
  readonly kind: number;
  /** Offset of the value. */
  readonly at: number;
}

/** Orientation 1 to 8; 1 (upright) where EXIF does not say or is damaged. */
export function orientationOf(exif: Uint8Array): number {
  return orElse(1, () => {
    const structure = structureOf(exif);
    for (const { tag, kind, at } of entriesOf(structure, 4)) {
      if (tag !== ORIENTATION || kind !== SHORT) continue;
      const value = structure.view.getUint16(at, structure.little);
      return value >= 1 && value <= 8 ? value : 1;
    }
    return 1;
  });
}

/** EXIF of an orientation alone. */
export function onlyOrientation(orientation: number): Bytes {
  const head = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1];
  const entry = [ORIENTATION >> 8, ORIENTATION & 255, 0, SHORT, 0, 0, 0, 1, 0, orientation, 0, 0];
  return concat(Uint8Array.from(head), Uint8Array.from(entry), new Uint8Array(4));
}

/** What EXIF is, in words; empty where it has nothing but an orientation. */
export function described(exif: Uint8Array): string {
  const tags = orElse(null, () => [...entriesOf(structureOf(exif), 4)].map(({ tag }) => tag));
  if (tags?.every((tag) => tag === ORIENTATION)) return '';
  return hasLocation(exif) ? 'EXIF with a location' : 'EXIF';
}

function hasLocation(exif: Uint8Array): boolean {
  return orElse(false, () => {
    const structure = structureOf(exif);
    for (const { tag, at } of entriesOf(structure, 4)) {
      if (tag !== LOCATION) continue;
      const found = [...entriesOf(structure, at)];
      return found.some((each) => each.tag === LATITUDE || each.tag === LONGITUDE);
    }
    return false;
  });
}

interface Structure {
  readonly view: DataView;
  readonly little: boolean;
}

function structureOf(exif: Uint8Array): Structure {
  const start = String.fromCharCode(...exif.subarray(0, 6)) === 'Exif\0\0' ? 6 : 0;
  const view = new DataView(exif.buffer, exif.byteOffset + start, exif.length - start);
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) throw new RangeError('EXIF without a byte order');
  return { view, little: order === 0x4949 };
}

/** The entries of the directory whose offset is at a place. */
function* entriesOf({ view, little }: Structure, at: number): Generator<Entry> {
  const directory = view.getUint32(at, little);
  const count = view.getUint16(directory, little);
  for (let index = 0; index < count; index++) {
    const place = directory + 2 + 12 * index;
    const tag = view.getUint16(place, little);
    yield { tag, kind: view.getUint16(place + 2, little), at: place + 8 };
  }
}

/** What a reader returns, or a default where its data ends too early or makes no sense. */
function orElse<T>(otherwise: T, reader: () => T): T {
  try {
    return reader();
  } catch (error) {
    if (error instanceof RangeError) return otherwise;
    throw error;
  }
}
