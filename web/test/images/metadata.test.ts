import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Bytes, bigEndian, concat, utf8 } from '../../src/core/bytes';
import { crc32 } from '../../src/core/images/crc';
import { described, onlyOrientation, orientationOf } from '../../src/core/images/exif';
import { metadataOf, stripMetadata } from '../../src/core/images/metadata';
import { encodePng } from '../../src/core/images/png-encode';
import { webpOf } from '../../src/core/images/segments';
import { randomPicture } from '../support';

const SAMPLES = join(import.meta.dirname, '../../public/samples');
const JPEG = new Uint8Array(readFileSync(join(SAMPLES, 'astronaut.jpg')));

/** EXIF with entries of type SHORT, and a latitude if wanted. */
function exifOf(
  entries: readonly (readonly [tag: number, value: number])[],
  located = false,
): Bytes {
  const all = located ? [...entries, [0x8825, 0] as const] : entries;
  const locationAt = 8 + 2 + 12 * all.length + 4;
  const rows = all.map(([tag, value]) =>
    tag === 0x8825
      ? concat(bigEndian(tag, 2), bigEndian(4, 2), bigEndian(1, 4), bigEndian(locationAt, 4))
      : concat(
          bigEndian(tag, 2),
          bigEndian(3, 2),
          bigEndian(1, 4),
          bigEndian(value, 2),
          bigEndian(0, 2),
        ),
  );
  const latitude = concat(bigEndian(2, 2), bigEndian(5, 2), bigEndian(3, 4), bigEndian(0, 4));
  const location = concat(bigEndian(1, 2), latitude, bigEndian(0, 4));
  const directory = concat(bigEndian(all.length, 2), ...rows, bigEndian(0, 4));
  return concat(
    utf8('MM'),
    bigEndian(42, 2),
    bigEndian(8, 4),
    directory,
    located ? location : utf8(''),
  );
}

const TURNED = exifOf([
  [0x0112, 6],
  [0x0100, 77],
]);
const LOCATED = exifOf([[0x0112, 6]], true);

test('EXIF says how a picture is turned, and whether it says where it was taken', () => {
  expect(orientationOf(TURNED)).toBe(6);
  expect(orientationOf(concat(utf8('Exif\0\0'), TURNED))).toBe(6);
  expect(orientationOf(exifOf([[0x0112, 9]]))).toBe(1);
  for (let end = 0; end < 20; end++) expect(orientationOf(TURNED.subarray(0, end))).toBe(1);
  expect(described(TURNED)).toBe('EXIF');
  expect(described(LOCATED)).toBe('EXIF with a location');
  expect(described(TURNED.subarray(0, 20))).toBe('EXIF');
  expect(described(onlyOrientation(3))).toBe('');
  expect(orientationOf(onlyOrientation(3))).toBe(3);
});

function segment(marker: number, data: Uint8Array): Bytes {
  return concat(Uint8Array.of(0xff, marker), bigEndian(data.length + 2, 2), data);
}

test('a JPEG loses what is no part of its picture, and keeps its orientation', () => {
  const bare = stripMetadata(JPEG);
  expect(bare).not.toBeNull();
  expect(metadataOf(bare ?? JPEG)).toEqual([]);
  expect(stripMetadata(bare ?? JPEG)).toEqual(bare);
  const rest = JPEG.subarray(2);
  const tagged = concat(
    JPEG.subarray(0, 2),
    segment(0xe1, concat(utf8('Exif\0\0'), LOCATED)),
    segment(0xe1, utf8('http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>')),
    segment(0xed, utf8('Photoshop 3.0\0' + '8BIM\x04\x04')),
    segment(0xfe, utf8('hello')),
    segment(0xe2, utf8('ICC_PROFILE\0\x01\x01profile')),
    segment(0xe3, utf8('more')),
    rest,
    utf8('hidden'),
  );
  expect(metadataOf(tagged)).toEqual([
    ...['EXIF with a location', 'XMP', 'IPTC', 'comments', 'other data', 'data after the picture'],
  ]);
  const orientation = segment(0xe1, concat(utf8('Exif\0\0'), onlyOrientation(6)));
  const profile = segment(0xe2, utf8('ICC_PROFILE\0\x01\x01profile'));
  const expected = concat(JPEG.subarray(0, 2), orientation, profile, (bare ?? JPEG).subarray(2));
  expect(Buffer.compare(stripMetadata(tagged) ?? JPEG, expected)).toBe(0);
  expect(stripMetadata(tagged.subarray(0, 300))).not.toBeNull();
  expect(stripMetadata(tagged.subarray(0, 23))).not.toEqual(tagged);
});

function chunk(name: string, data: Uint8Array): Bytes {
  const named = concat(utf8(name), data);
  return concat(bigEndian(data.length, 4), named, bigEndian(crc32(named), 4));
}

test('a PNG loses texts, times and EXIF, and keeps its orientation', async () => {
  const png = new Uint8Array(await encodePng(randomPicture(9, 7)).arrayBuffer());
  expect(metadataOf(png)).toEqual([]);
  expect(stripMetadata(png)).toEqual(png);
  const [head, rest] = [png.subarray(0, 33), png.subarray(33)];
  const tagged = concat(
    head,
    chunk('eXIf', TURNED),
    chunk('gAMA', bigEndian(45_455, 4)),
    chunk('tEXt', utf8('Raw profile type iptc\0x')),
    chunk('iTXt', utf8('XML:com.adobe.xmp\0exif:GPSLatitude')),
    chunk('tEXt', utf8('Comment\0hello')),
    chunk('tIME', new Uint8Array(7)),
    chunk('abCd', new Uint8Array(7)),
    rest,
  );
  const names = ['EXIF', 'IPTC', 'XMP with a location', 'comments', 'a time', 'other data'];
  expect(metadataOf(tagged)).toEqual(names);
  const gamma = chunk('gAMA', bigEndian(45_455, 4));
  expect(stripMetadata(tagged)).toEqual(
    concat(head, chunk('eXIf', onlyOrientation(6)), gamma, rest),
  );
  expect(stripMetadata(tagged.subarray(0, 60))).toBeNull();
});

test('a WebP loses EXIF and XMP, and the flags that announce them', () => {
  const picture = { name: 'VP8L', data: Uint8Array.of(0x2f, 1, 2, 3, 4) };
  const header = (flags: number) => ({
    name: 'VP8X',
    data: concat(Uint8Array.of(flags), new Uint8Array(9)),
  });
  const xmp = { name: 'XMP ', data: utf8('<x:xmpmeta/>') };
  const upright = exifOf([
    [0x0112, 1],
    [0x0100, 5],
  ]);
  const file = webpOf([header(0x0c), picture, { name: 'EXIF', data: upright }, xmp]);
  expect(metadataOf(file)).toEqual(['EXIF', 'XMP']);
  expect(stripMetadata(file)).toEqual(webpOf([header(0), picture]));
  const turned = webpOf([header(0x0c), picture, { name: 'EXIF', data: TURNED }]);
  const kept = { name: 'EXIF', data: onlyOrientation(6) };
  expect(stripMetadata(turned)).toEqual(webpOf([header(0x08), picture, kept]));
});

test('files of which the page cannot remove metadata are not hidden as they are', () => {
  expect(stripMetadata(concat(utf8('II*\0'), new Uint8Array(100)))).toBeNull();
  const avif = concat(
    bigEndian(24, 4),
    utf8('ftypavif'),
    new Uint8Array(20),
    utf8('infeExif'),
    TURNED,
  );
  expect(stripMetadata(avif)).toBeNull();
  expect(metadataOf(avif)).toEqual(['EXIF']);
  expect(stripMetadata(utf8('no picture'))).toBeNull();
});
