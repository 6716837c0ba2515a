// What kind of file it is, told from its first bytes, not from its name.

export interface Format {
  readonly name: string;
  /** Whether such a file keeps samples as they were. */
  readonly lossless: boolean;
}

const PATTERNS: readonly (readonly [Format, ...(readonly [number, string])[]])[] = [
  [{ name: 'PNG', lossless: true }, [1, 'PNG\r\n']],
  [{ name: 'JPEG', lossless: false }, [0, '\xff\xd8\xff']],
  [{ name: 'WebP', lossless: true }, [0, 'RIFF'], [8, 'WEBPVP8L']],
  [{ name: 'WebP', lossless: false }, [0, 'RIFF'], [8, 'WEBP']],
  [{ name: 'AVIF', lossless: false }, [4, 'ftypavi']],
  [{ name: 'HEIC', lossless: false }, [4, 'ftyphe']],
  [{ name: 'HEIC', lossless: false }, [4, 'ftypmif']],
  [{ name: 'GIF', lossless: false }, [0, 'GIF8']],
  [{ name: 'BMP', lossless: true }, [0, 'BM']],
  [{ name: 'TIFF', lossless: true }, [0, 'II*\0']],
  [{ name: 'TIFF', lossless: true }, [0, 'MM\0*']],
  [{ name: 'JPEG XL', lossless: false }, [0, '\xff\x0a']],
];

/** The format of a file, or null if it is none that is known. */
export function formatOf(content: Uint8Array): Format | null {
  const matches = ([at, text]: readonly [number, string]) =>
    [...text].every((character, index) => content[at + index] === character.charCodeAt(0));
  const found = PATTERNS.find(([, ...parts]) => parts.every(matches));
  return found?.[0] ?? null;
}
