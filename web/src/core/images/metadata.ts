// What a picture's file says besides the picture, and the file without it. Nothing is coded again.
// runtime/images/metadata.py is the reference.

import { type Bytes, bigEndian, concat, utf8 } from '../bytes';
import { crc32 } from './crc';
import { described, onlyOrientation, orientationOf } from './exif';
import { AVIF, BMP, type Format, formatOf, has, JPEG, LOSSLESS_WEBP, PNG, WEBP } from './formats';
import { jpegSegments, nextMarker, pngChunks, SCAN, textAt, webpChunks, webpOf } from './segments';

/** A file without metadata, null where that is not possible; and the kinds that it has, in words. */
interface Stripped {
  readonly content: Bytes | null;
  readonly names: readonly string[];
}

const STRIPPERS: ReadonlyMap<Format, (content: Bytes) => Stripped> = new Map([
  [JPEG, stripJpeg],
  [PNG, stripPng],
  [WEBP, stripWebp],
  [LOSSLESS_WEBP, stripWebp],
  [BMP, (content): Stripped => ({ content, names: [] })],
  [AVIF, nameAvif],
]);

/**
 * A picture file without its metadata; null where this is not possible.
 *
 * Pixels, colours and orientation stay as they are.
 */
export function stripMetadata(content: Bytes): Bytes | null {
  return stripped(content).content;
}

/** The kinds of metadata in a picture file, such as "EXIF with a location", in words. */
export function metadataOf(content: Bytes): readonly string[] {
  return stripped(content).names;
}

function stripped(content: Bytes): Stripped {
  const format = formatOf(content);
  const strip = format && STRIPPERS.get(format);
  try {
    if (strip) return strip(content);
  } catch (error) {
    // The file ends too early.
    if (!(error instanceof RangeError)) throw error;
  }
  return { content: null, names: [] };
}

/** Each name once, without empty ones. */
function distinct(names: readonly string[]): string[] {
  return [...new Set(names)].filter(Boolean);
}

function describedXmp(data: Uint8Array): string {
  return includes(data, 'GPSLatitude') ? 'XMP with a location' : 'XMP';
}

function includes(data: Uint8Array, text: string): boolean {
  for (let at = data.indexOf(text.charCodeAt(0)); at >= 0; ) {
    if (has(data, at, text)) return true;
    at = data.indexOf(text.charCodeAt(0), at + 1);
  }
  return false;
}

function hasMore(content: Uint8Array, end: number): boolean {
  return content.subarray(end).some((byte) => byte !== 0);
}

const [JFIF, EXIF, ICC, PHOTOSHOP, ADOBE, COMMENT] = [0xe0, 0xe1, 0xe2, 0xed, 0xee, 0xfe];

/** Whether a segment of a JPEG is a frame or a table. */
function isOfPicture(marker: number): boolean {
  const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8;
  return isFrame || marker === 0xdb || marker === 0xdc || marker === 0xdd;
}

function stripJpeg(content: Bytes): Stripped {
  const kept: Uint8Array[] = [content.subarray(0, 2)];
  const names: string[] = [];
  let [scanned, turned, place] = [false, false, 2];
  for (const { marker, start, end, data } of jpegSegments(content)) {
    place = end;
    if (marker === SCAN) {
      // With what is coded, which ends before the next marker.
      const following = nextMarker(content, end);
      place = following < 0 ? content.length : following;
      kept.push(content.subarray(start, place));
      scanned = true;
    } else if (isOfPicture(marker)) {
      kept.push(content.subarray(start, end));
    } else if (scanned) {
      names.push(jpegName(marker, data));
    } else if (marker === JFIF && has(data, 0, 'JFIF\0')) {
      const hasThumbnail = data.length > 14;
      const bare = concat(
        Uint8Array.of(0xff, JFIF, 0, 16),
        data.subarray(0, 12),
        new Uint8Array(2),
      );
      kept.push(hasThumbnail ? bare : content.subarray(start, end));
      if (hasThumbnail) names.push('a thumbnail');
    } else if (
      (marker === ICC && has(data, 0, 'ICC_PROFILE\0')) ||
      (marker === ADOBE && has(data, 0, 'Adobe'))
    ) {
      kept.push(content.subarray(start, end));
    } else {
      names.push(jpegName(marker, data));
      if (marker === EXIF && has(data, 0, 'Exif\0\0') && data.length > 6 && !turned) {
        turned = true;
        kept.push(orientationSegment(data.subarray(6)));
      }
    }
  }
  kept.push(Uint8Array.of(0xff, 0xd9));
  let end = place;
  while (end < content.length && !has(content, end, '\xff\xd9')) end++;
  if (end < content.length && hasMore(content, end + 2)) names.push('data after the picture');
  return { content: concat(...kept), names: distinct(names) };
}

/** A segment for the orientation alone; nothing where that is upright. */
function orientationSegment(exif: Uint8Array): Uint8Array {
  const orientation = orientationOf(exif);
  if (orientation === 1) return new Uint8Array();
  const data = concat(utf8('Exif\0\0'), onlyOrientation(orientation));
  return concat(Uint8Array.of(0xff, EXIF), bigEndian(data.length + 2, 2), data);
}

function jpegName(marker: number, data: Uint8Array): string {
  if (marker === COMMENT) return 'comments';
  if (marker === EXIF && has(data, 0, 'Exif\0\0')) return described(data);
  if (marker === EXIF && includes(data.subarray(0, 40), 'ns.adobe.com/x'))
    return describedXmp(data);
  if (marker === PHOTOSHOP && includes(data, '8BIM\x04\x04')) return 'IPTC';
  return 'other data';
}

const PNG_PICTURE: ReadonlySet<string> = new Set([
  ...['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'],
  ...['iCCP', 'sRGB', 'gAMA', 'cHRM', 'cICP', 'mDCV', 'cLLI'],
  ...['sBIT', 'bKGD', 'pHYs'],
  ...['acTL', 'fcTL', 'fdAT'],
]);

function stripPng(content: Bytes): Stripped {
  const kept: Uint8Array[] = [content.subarray(0, 8)];
  const names: string[] = [];
  let [turned, place] = [false, 8];
  for (const { name, start, end, data } of pngChunks(content)) {
    place = end;
    if (PNG_PICTURE.has(name)) {
      kept.push(content.subarray(start, end));
      continue;
    }
    names.push(pngName(name, data));
    const orientation = name === 'eXIf' && !turned ? orientationOf(data) : 1;
    turned ||= name === 'eXIf';
    if (orientation !== 1) {
      const chunk = concat(utf8('eXIf'), onlyOrientation(orientation));
      kept.push(bigEndian(chunk.length - 4, 4), chunk, bigEndian(crc32(chunk), 4));
    }
  }
  if (hasMore(content, place)) names.push('data after the picture');
  return { content: concat(...kept), names: distinct(names) };
}

function pngName(name: string, data: Uint8Array): string {
  if (name === 'eXIf') return described(data);
  if (['tEXt', 'zTXt', 'iTXt'].includes(name)) {
    const end = data.indexOf(0);
    const keyword = textAt(data, 0, end < 0 ? Math.min(data.length, 80) : end).toLowerCase();
    if (keyword === 'xml:com.adobe.xmp') return describedXmp(data);
    const kinds: Record<string, string> = { exif: 'EXIF', iptc: 'IPTC', xmp: 'XMP' };
    const kind = keyword.replace(/^raw profile type /, '');
    return Object.hasOwn(kinds, kind) ? kinds[kind] : 'comments';
  }
  return name === 'tIME' ? 'a time' : 'other data';
}

const WEBP_PICTURE = ['VP8X', 'ICCP', 'ANIM', 'ANMF', 'ALPH', 'VP8 ', 'VP8L'];
const [HAS_XMP, HAS_EXIF] = [0x04, 0x08];

function stripWebp(content: Bytes): Stripped {
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  const end = 8 + view.getUint32(4, true);
  let flags = has(content, 12, 'VP8X') ? content[20] : 0;
  const kept: { name: string; data: Uint8Array }[] = [];
  const names: string[] = [];
  let turned = false;
  for (const { name, data } of webpChunks(content.subarray(0, end))) {
    if (WEBP_PICTURE.includes(name)) {
      kept.push({ name, data });
      continue;
    }
    names.push(webpName(name, data));
    // Decoders look for one only where the flag is set.
    if (name === 'EXIF' && flags & HAS_EXIF && !turned) {
      turned = true;
      const orientation = orientationOf(data);
      if (orientation !== 1) kept.push({ name, data: onlyOrientation(orientation) });
    }
  }
  if (hasMore(content, end)) names.push('data after the picture');
  if (flags & (HAS_EXIF | HAS_XMP)) {
    flags &= ~HAS_XMP;
    if (!kept.some(({ name }) => name === 'EXIF')) flags &= ~HAS_EXIF;
    kept[0] = { name: 'VP8X', data: concat(Uint8Array.of(flags), kept[0].data.subarray(1)) };
  }
  return { content: webpOf(kept), names: distinct(names) };
}

function webpName(name: string, data: Uint8Array): string {
  if (name === 'EXIF') return described(data);
  return name === 'XMP ' ? describedXmp(data) : 'other data';
}

/** The kinds of metadata in an AVIF, of which the page only looks for those with a location. */
function nameAvif(content: Bytes): Stripped {
  const names: string[] = [];
  if (includes(content.subarray(0, 4096), 'Exif')) {
    const start = ['II*\0', 'MM\0*'].map((order) => {
      let at = 0;
      while (at < content.length && !has(content, at, order)) at++;
      return at;
    });
    names.push(described(content.subarray(Math.min(...start))) || 'EXIF');
  }
  if (includes(content, 'http://ns.adobe.com/xap/')) names.push(describedXmp(content));
  return { content: null, names: distinct(names) };
}
