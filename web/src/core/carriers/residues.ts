// Pixel residues: how the three samples of a pixel together carry 1, 2 or 3 bits per sample.

/** Bits per sample. */
export type Bits = 1 | 2 | 3;

/** For red, green and blue. The residue of a pixel is the sum of products modulo 8^bits. */
export const MULTIPLIERS: Record<Bits, readonly [number, number, number]> = {
  1: [1, 2, 5],
  2: [1, 8, 34],
  3: [1, 83, 438],
};

/** Levels that a sample may change by, enough for every residue in a corner of the RGB cube. */
export const REACH: Record<Bits, number> = { 1: 4, 2: 8, 3: 12 };

/** Residues of the first `count` pixels (all by default) of RGB samples. */
export function residuesOf(
  samples: Uint8Array,
  bits: Bits,
  count = samples.length / 3,
): Uint16Array<ArrayBuffer> {
  const [red, green, blue] = MULTIPLIERS[bits];
  const mask = maskOf(bits);
  const residues = new Uint16Array(count);
  for (let pixel = 0, at = 0; pixel < count; pixel++, at += 3) {
    residues[pixel] = (red * samples[at] + green * samples[at + 1] + blue * samples[at + 2]) & mask;
  }
  return residues;
}

/**
 * The pixels nearest to the given ones that have the wanted residues.
 *
 * @param pixels RGB samples.
 * @param wanted One residue per pixel.
 */
export function withResidues(
  pixels: Uint8Array,
  wanted: ArrayLike<number>,
  bits: Bits,
): Uint8Array<ArrayBuffer> {
  const current = residuesOf(pixels, bits);
  const mask = maskOf(bits);
  const byRise = changes(bits);
  const changed = new Uint8Array(pixels.length);
  for (let pixel = 0, at = 0; at < pixels.length; pixel++, at += 3) {
    const candidates = byRise[(wanted[pixel] - current[pixel]) & mask];
    const change = candidates.find((steps) =>
      steps.every((step, sample) => isLevel(pixels[at + sample] + step)),
    );
    if (!change) throw new Error(`no pixel within reach has residue ${wanted[pixel]}`);
    for (let sample = 0; sample < 3; sample++) {
      changed[at + sample] = pixels[at + sample] + change[sample];
    }
  }
  return changed;
}

type Change = readonly [red: number, green: number, blue: number];

const cache = new Map<Bits, readonly (readonly Change[])[]>();

/** For each rise of the residue, the changes of a pixel that cause it, smallest first. */
function changes(bits: Bits): readonly (readonly Change[])[] {
  const cached = cache.get(bits);
  if (cached) return cached;
  const reach = REACH[bits];
  const steps = Array.from({ length: 2 * reach + 1 }, (_, index) => index - reach);
  const [r, g, b] = MULTIPLIERS[bits];
  const mask = maskOf(bits);
  const byRise: Change[][] = Array.from({ length: mask + 1 }, () => []);
  for (const red of steps) {
    for (const green of steps) {
      for (const blue of steps) {
        byRise[(r * red + g * green + b * blue) & mask].push([red, green, blue]);
      }
    }
  }
  // The sort is stable, so equally small changes stay in lexicographic order.
  for (const list of byRise) list.sort((one, other) => squared(one) - squared(other));
  cache.set(bits, byRise);
  return byRise;
}

function maskOf(bits: Bits): number {
  return (1 << (3 * bits)) - 1;
}

function squared([red, green, blue]: Change): number {
  return red * red + green * green + blue * blue;
}

function isLevel(value: number): boolean {
  return value >= 0 && value <= 255;
}
