// Residues: how a pixel's three samples together carry symbols of 1, 2 or 3 bits each.

export type Bits = 1 | 2 | 3;

/** Of red, green and blue; the residue of a pixel is their sum of products modulo 8^bits. */
const MULTIPLIERS: Record<Bits, readonly [number, number, number]> = {
  1: [1, 2, 5],
  2: [1, 8, 34],
  3: [1, 83, 438],
};

/** By how many levels a sample changes at most, in a corner of the colour cube. */
const REACH: Record<Bits, number> = { 1: 4, 2: 8, 3: 12 };

/** Residues of the first `count` pixels (all by default) of RGB samples. */
export function residues(
  samples: Uint8Array,
  bits: Bits,
  count = samples.length / 3,
): Uint16Array<ArrayBuffer> {
  const [red, green, blue] = MULTIPLIERS[bits];
  const mask = (1 << (3 * bits)) - 1;
  const made = new Uint16Array(count);
  for (let pixel = 0, at = 0; pixel < count; pixel++, at += 3) {
    made[pixel] = (red * samples[at] + green * samples[at + 1] + blue * samples[at + 2]) & mask;
  }
  return made;
}

interface Change {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}

const changesByRise = new Map<Bits, readonly (readonly Change[])[]>();

/** For each rise of the residue, the changes of a pixel that make it, smallest first. */
function changes(bits: Bits): readonly (readonly Change[])[] {
  const known = changesByRise.get(bits);
  if (known) return known;
  const reach = REACH[bits];
  const steps = Array.from({ length: 2 * reach + 1 }, (_, index) => index - reach);
  const [r, g, b] = MULTIPLIERS[bits];
  const mask = (1 << (3 * bits)) - 1;
  const made: Change[][] = Array.from({ length: mask + 1 }, () => []);
  for (const red of steps) {
    for (const green of steps) {
      for (const blue of steps) {
        made[(r * red + g * green + b * blue) & mask].push({ red, green, blue });
      }
    }
  }
  for (const of of made) of.sort((one, other) => size(one) - size(other));
  changesByRise.set(bits, made);
  return made;
}

function size({ red, green, blue }: Change): number {
  return red * red + green * green + blue * blue;
}

/** Of all pixels of a residue, one nearest to a cover's pixel. */
export function nearest(
  cover: ArrayLike<number>,
  residue: number,
  bits: Bits,
): [number, number, number] {
  const [r, g, b] = MULTIPLIERS[bits];
  const mask = (1 << (3 * bits)) - 1;
  const rise = (residue - (r * cover[0] + g * cover[1] + b * cover[2])) & mask;
  for (const { red, green, blue } of changes(bits)[rise]) {
    const made: [number, number, number] = [cover[0] + red, cover[1] + green, cover[2] + blue];
    if (made.every((level) => level >= 0 && level <= 255)) return made;
  }
  throw new RangeError(`no pixel near ${cover[0]}, ${cover[1]}, ${cover[2]} of residue ${residue}`);
}
