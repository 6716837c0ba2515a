// The table of file formats. A format is recognized by its first bytes, never by its name.

/** A string that a file has at an offset; each character is a byte. */
type Pattern = readonly [offset: number, text: string];

export interface Format {
  readonly name: string;
  readonly mediaType: string;
  readonly extension: string;
  /** Whether saving in this format keeps samples exactly. */
  readonly lossless: boolean;
  /** Whether the page reads and writes containers in this format. */
  readonly container: boolean;
  /** Whether every browser that can run the page shows it. */
  readonly universal: boolean;
  /** Alternatives; all patterns of one of them have to match. */
  readonly signatures: readonly (readonly Pattern[])[];
}

export const PNG_SIGNATURE = '\x89PNG\r\n\x1a\n';

/** The format of everything that the page writes. */
export const PNG: Format = {
  name: 'PNG',
  mediaType: 'image/png',
  extension: '.png',
  lossless: true,
  container: true,
  universal: true,
  signatures: [[[0, PNG_SIGNATURE]]],
};

/** The first match counts. */
export const FORMATS: readonly Format[] = [
  PNG,
  {
    name: 'JPEG',
    mediaType: 'image/jpeg',
    extension: '.jpg',
    lossless: false,
    container: false,
    universal: true,
    signatures: [[[0, '\xff\xd8\xff']]],
  },
  {
    name: 'WebP',
    mediaType: 'image/webp',
    extension: '.webp',
    lossless: true,
    container: false,
    universal: true,
    signatures: [
      [
        [0, 'RIFF'],
        [8, 'WEBPVP8L'],
      ],
    ],
  },
  {
    name: 'WebP',
    mediaType: 'image/webp',
    extension: '.webp',
    lossless: false,
    container: false,
    universal: true,
    signatures: [
      [
        [0, 'RIFF'],
        [8, 'WEBP'],
      ],
    ],
  },
  {
    name: 'AVIF',
    mediaType: 'image/avif',
    extension: '.avif',
    lossless: false,
    container: false,
    universal: true,
    signatures: [[[4, 'ftypavi']]],
  },
  {
    name: 'HEIC',
    mediaType: 'image/heic',
    extension: '.heic',
    lossless: false,
    container: false,
    universal: false,
    signatures: [[[4, 'ftyphe']], [[4, 'ftypmif']]],
  },
  {
    name: 'GIF',
    mediaType: 'image/gif',
    extension: '.gif',
    lossless: false,
    container: false,
    universal: true,
    signatures: [[[0, 'GIF8']]],
  },
  {
    name: 'BMP',
    mediaType: 'image/bmp',
    extension: '.bmp',
    lossless: true,
    container: false,
    universal: true,
    signatures: [[[0, 'BM']]],
  },
  {
    name: 'TIFF',
    mediaType: 'image/tiff',
    extension: '.tiff',
    lossless: true,
    container: false,
    universal: false,
    signatures: [[[0, 'II*\0']], [[0, 'MM\0*']]],
  },
  {
    name: 'JPEG XL',
    mediaType: 'image/jxl',
    extension: '.jxl',
    lossless: false,
    container: false,
    universal: false,
    signatures: [[[0, '\xff\x0a']]],
  },
];

/** The format of a file, or null if the table does not have it. */
export function formatOf(content: Uint8Array): Format | null {
  const matches = ([offset, text]: Pattern) =>
    [...text].every((character, index) => content[offset + index] === character.charCodeAt(0));
  const format = FORMATS.find(({ signatures }) =>
    signatures.some((patterns) => patterns.every(matches)),
  );
  return format ?? null;
}

/** Names of formats as a phrase, such as "PNG, JPEG and WebP". */
export function namesOf(formats: readonly Format[]): string {
  const names = [...new Set(formats.map(({ name }) => name))];
  const last = names.pop() ?? '';
  return names.length > 0 ? `${names.join(', ')} and ${last}` : last;
}
