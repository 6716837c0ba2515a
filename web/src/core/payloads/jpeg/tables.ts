// What was fitted to photographs: weights of features, and probabilities of tokens.
// runtime/payloads/jpeg/tables.py is the reference, and tables.bin beside it has the numbers.

import { PlainsightError } from '../../errors';
import { CLASSES, FEATURES, KINDS } from './contexts';
import { POSITIONS } from './planes';

/** Probabilities are whole numbers of 2^-BITS. */
export const BITS = 14;
/** Tokens that exist. */
export const TOKENS = 40;
/** Rows of probabilities of each class, by expected magnitude. */
export const ROWS = 48;
/** Parts of an octave, which has a row each. */
const PARTS = 3;

/** The expected magnitudes, times `FINENESS`, where each row but the first starts. */
const LIMITS = Array.from({ length: ROWS - 1 }, (_, row) => Math.round(2 ** ((row + 1) / PARTS)));

/** Weights and probabilities. */
export interface Tables {
  /** By class of the component, zigzag position, kind of pass, and feature. */
  readonly weights: Uint16Array;
  /**
   * By row and token: sums of the probabilities of the tokens before each, up to 2^BITS. The rows of the
   * classes follow each other, and have TOKENS + 1 numbers each.
   */
  readonly starts: Uint32Array;
  /** By row and place in it, of which there are 2^BITS: the token there. */
  readonly tokens: Uint8Array;
}

let loading: Promise<Tables> | null = null;

/** The tables that containers are made and read with; further calls return the same ones. */
export function loadTables(): Promise<Tables> {
  loading ??= load().catch((error) => {
    // So that the next call tries again.
    loading = null;
    throw error;
  });
  return loading;
}

async function load(): Promise<Tables> {
  try {
    // As text in a script of its own, which is loaded only now.
    const text = await import('../../../../../runtime/payloads/jpeg/tables.bin?url&inline');
    const [, base64] = text.default.split(',');
    return tablesOf(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
  } catch (error) {
    throw new PlainsightError(
      'A part of the page that JPEG files need could not be loaded. Reload the page to try again.',
      { cause: error },
    );
  }
}

/** Reads a file: the weights, then the probabilities of all rows; uint16, little endian. */
function tablesOf(content: Uint8Array): Tables {
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  const number = (index: number) => view.getUint16(2 * index, true);
  const weights = Uint16Array.from({ length: CLASSES * POSITIONS * KINDS * FEATURES }, (_, index) =>
    number(index),
  );
  const rows = CLASSES * ROWS;
  const starts = new Uint32Array(rows * (TOKENS + 1));
  const tokens = new Uint8Array(rows << BITS);
  for (let row = 0; row < rows; row++) {
    for (let token = 0; token < TOKENS; token++) {
      const at = row * (TOKENS + 1) + token;
      starts[at + 1] = starts[at] + number(weights.length + row * TOKENS + token);
      const first = row << BITS;
      tokens.fill(token, first + starts[at], first + starts[at + 1]);
    }
  }
  return { weights, starts, tokens };
}

/** By expected magnitude: the number of limits that are not above it. */
const ROW_BY_MAGNITUDE = new Uint8Array(LIMITS[LIMITS.length - 1]);
for (const limit of LIMITS) {
  for (let at = limit; at < ROW_BY_MAGNITUDE.length; at++) ROW_BY_MAGNITUDE[at]++;
}

/** The row of probabilities of an expected magnitude, for a class of components. */
export function rowOf(number: number, expected: number): number {
  const row = expected < ROW_BY_MAGNITUDE.length ? ROW_BY_MAGNITUDE[expected] : ROWS - 1;
  return number * ROWS + row;
}
