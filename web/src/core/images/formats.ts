// The table of file formats. A format is recognized by its first bytes, never by its name.

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
  /** Whether files of this format are hidden as they are: all programs that reveal them read it. */
  readonly carried: boolean;
  /** Whether a file's content is of this format. */
  readonly matches: (content: Uint8Array) => boolean;
}

export const PNG_SIGNATURE = '\x89PNG\r\n\x1a\n';

/** The format of pictures that the page writes. */
export const PNG: Format = {
  name: 'PNG',
  mediaType: 'image/png',
  extension: '.png',
  lossless: true,
  container: true,
  universal: true,
  carried: true,
  matches: (content) => has(content, 0, PNG_SIGNATURE),
};

export const JPEG: Format = {
  name: 'JPEG',
  mediaType: 'image/jpeg',
  extension: '.jpg',
  lossless: false,
  container: false,
  universal: true,
  carried: true,
  matches: (content) => has(content, 0, '\xff\xd8\xff'),
};

export const WEBP: Format = {
  name: 'WebP',
  mediaType: 'image/webp',
  extension: '.webp',
  lossless: false,
  container: false,
  universal: true,
  carried: true,
  matches: (content) => has(content, 0, 'RIFF') && has(content, 8, 'WEBP'),
};

export const LOSSLESS_WEBP: Format = {
  ...WEBP,
  lossless: true,
  matches: (content) => WEBP.matches(content) && has(content, 12, 'VP8L'),
};

export const AVIF: Format = {
  name: 'AVIF',
  mediaType: 'image/avif',
  extension: '.avif',
  lossless: false,
  container: false,
  universal: true,
  carried: true,
  matches: (content) => {
    const brands = String.fromCharCode(...content.subarray(8, 64));
    return has(content, 4, 'ftyp') && brands.includes('avi');
  },
};

export const BMP: Format = {
  name: 'BMP',
  mediaType: 'image/bmp',
  extension: '.bmp',
  lossless: true,
  container: false,
  universal: true,
  carried: true,
  matches: (content) => has(content, 0, 'BM'),
};

export const TIFF: Format = {
  name: 'TIFF',
  mediaType: 'image/tiff',
  extension: '.tiff',
  lossless: true,
  container: false,
  universal: false,
  carried: true,
  matches: (content) => has(content, 0, 'II*\0') || has(content, 0, 'MM\0*'),
};

/** The first match counts. */
export const FORMATS: readonly Format[] = [
  PNG,
  JPEG,
  LOSSLESS_WEBP,
  WEBP,
  AVIF,
  {
    name: 'HEIC',
    mediaType: 'image/heic',
    extension: '.heic',
    lossless: false,
    container: false,
    universal: false,
    carried: false,
    matches: (content) => has(content, 4, 'ftyphe') || has(content, 4, 'ftypmif'),
  },
  {
    name: 'GIF',
    mediaType: 'image/gif',
    extension: '.gif',
    lossless: false,
    container: false,
    universal: true,
    carried: false,
    matches: (content) => has(content, 0, 'GIF8'),
  },
  BMP,
  TIFF,
  {
    name: 'JPEG XL',
    mediaType: 'image/jxl',
    extension: '.jxl',
    lossless: false,
    container: false,
    universal: false,
    carried: false,
    matches: (content) => has(content, 0, '\xff\x0a'),
  },
];

/** The format of a file, or null if the table does not have it. */
export function formatOf(content: Uint8Array): Format | null {
  return FORMATS.find(({ matches }) => matches(content)) ?? null;
}

/** Names of formats as a phrase, such as "PNG, JPEG and WebP". */
export function namesOf(formats: readonly Format[]): string {
  const names = [...new Set(formats.map(({ name }) => name))];
  const last = names.pop() ?? '';
  return names.length > 0 ? `${names.join(', ')} and ${last}` : last;
}

/** Whether a file has a text at an offset; each character is a byte. */
export function has(content: Uint8Array, offset: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (content[offset + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}
