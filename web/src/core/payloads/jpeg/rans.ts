// Values in the bytes that their probabilities allow: interleaved rANS (Duda, arXiv:1311.2540).
// runtime/payloads/jpeg/rans.py is the reference.
//
// A value is a token and, where it is large, some bits as they are. Many coders, the lanes, take turns,
// and share a stream of words, each of which goes to the first of them that needs one (Giesen,
// arXiv:1402.3392).

import type { Bytes } from '../../bytes';
import { BitWriter, bitsAt, MARGIN } from './bits';
import type { Coder } from './contexts';
import { UnsupportedJpeg } from './headers';
import { BITS, rowOf, type Tables, TOKENS } from './tables';

// Magnitudes below have a token each; above, each power of two has two.
const SMALL = 16;
const SMALL_BITS = 4;
/** States are at least so large. */
const LOW = 1 << 16;
/** Of a row of probabilities. */
const PLACES = 1 << BITS;

/** The bytes are not what a writer wrote. */
export class Damaged extends Error {}

/** What a `Writer` wrote. */
export interface Written {
  /** The last state of each lane, 4 bytes each. */
  readonly states: Uint8Array;
  /** Of 2 bytes each. */
  readonly words: Uint8Array;
  /** Signs, and the lowest bits of large values. */
  readonly bits: Uint8Array;
}

/** Bytes of a state, and of a word. */
export const [STATE, WORD] = [4, 2];

/** Writes values. */
export class Writer implements Coder {
  /** Of each pass, where `starts` has each token. */
  private readonly passes: Uint16Array[] = [];
  private readonly bits = new BitWriter();

  /** @param lanes Coders that take turns. */
  constructor(
    private readonly tables: Tables,
    private readonly lanes: number,
  ) {}

  code(number: number, expected: Float64Array, values: Int32Array): void {
    const pass = new Uint16Array(values.length);
    for (let index = 0; index < values.length; index++) {
      const value = values[index];
      const magnitude = Math.abs(value);
      let token = magnitude;
      let count = 0;
      if (magnitude >= SMALL) {
        count = 30 - Math.clz32(magnitude);
        token = SMALL + 2 * (count + 1 - SMALL_BITS) + ((magnitude >>> count) & 1);
        if (token >= TOKENS) throw new UnsupportedJpeg('a coefficient is out of range');
      }
      pass[index] = rowOf(number, expected[index]) * (TOKENS + 1) + token;
      if (magnitude > 0) {
        const lowest = magnitude & ((1 << count) - 1);
        this.bits.put((Number(value < 0) << count) | lowest, count + 1);
      }
    }
    this.passes.push(pass);
  }

  /** All that was written. Readers go the other way, so this is from the last value to the first. */
  finish(): Written {
    const { starts } = this.tables;
    const states = new Uint32Array(this.lanes).fill(LOW);
    const words: number[] = [];
    for (const pass of this.passes.reverse()) {
      for (let index = pass.length - 1; index >= 0; index--) {
        const lane = index % this.lanes;
        const start = starts[pass[index]];
        const share = starts[pass[index] + 1] - start;
        let state = states[lane];
        if (state >= share * (2 ** 32 / PLACES)) {
          words.push(state & (LOW - 1));
          state = Math.floor(state / LOW);
        }
        states[lane] = Math.floor(state / share) * PLACES + (state % share) + start;
      }
    }
    return {
      states: littleEndian(states, STATE),
      words: littleEndian(words.reverse(), WORD),
      bits: this.bits.finish(0),
    };
  }
}

/** Reads what a `Writer` with the same tables and as many lanes wrote. */
export class Reader implements Coder {
  private readonly states: Uint32Array;
  private readonly words: DataView;
  private readonly bits: Uint8Array;
  private word = 0;
  private bit = 0;

  constructor(
    private readonly tables: Tables,
    { states, words, bits }: Written,
  ) {
    const view = viewOf(states);
    this.states = Uint32Array.from({ length: states.length / STATE }, (_, lane) =>
      view.getUint32(STATE * lane, true),
    );
    this.words = viewOf(words);
    this.bits = new Uint8Array(bits.length + MARGIN);
    this.bits.set(bits);
  }

  code(number: number, expected: Float64Array, values: Int32Array): void {
    for (let index = 0; index < values.length; index++) {
      const row = rowOf(number, expected[index]);
      values[index] = this.value(this.token(row, index % this.states.length));
    }
  }

  private token(row: number, lane: number): number {
    const { starts, tokens } = this.tables;
    const before = this.states[lane];
    const place = before & (PLACES - 1);
    const token = tokens[(row << BITS) | place];
    const at = row * (TOKENS + 1) + token;
    const share = starts[at + 1] - starts[at];
    let state = share * (before >>> BITS) + place - starts[at];
    if (state < LOW) {
      if (this.word === this.words.byteLength) throw new Damaged('too few words');
      state = state * LOW + this.words.getUint16(this.word, true);
      this.word += WORD;
    }
    this.states[lane] = state;
    return token;
  }

  private value(token: number): number {
    if (token === 0) return 0;
    let magnitude = token;
    const negative = this.take(1);
    if (token >= SMALL) {
      const over = token - SMALL;
      const count = (over >> 1) + SMALL_BITS - 1;
      magnitude = ((2 + (over & 1)) << count) + this.take(count);
    }
    return negative ? -magnitude : magnitude;
  }

  private take(count: number): number {
    const start = this.bit;
    this.bit += count;
    if (this.bit > 8 * (this.bits.length - MARGIN)) throw new Damaged('too few bits');
    return bitsAt(this.bits, start, count);
  }

  /** Checks that everything was read. */
  finish(): void {
    const bytes = Math.ceil(this.bit / 8) + MARGIN;
    const isWhole = this.word === this.words.byteLength && bytes === this.bits.length;
    if (!isWhole || this.states.some((state) => state !== LOW)) {
      throw new Damaged('something is left over');
    }
  }
}

/** Non-negative integers of so many bytes each. */
export function littleEndian(numbers: ArrayLike<number>, size: number): Bytes {
  const bytes = new Uint8Array(numbers.length * size);
  for (let index = 0; index < numbers.length; index++) {
    for (let byte = 0; byte < size; byte++) {
      bytes[index * size + byte] = Math.floor(numbers[index] / 256 ** byte);
    }
  }
  return bytes;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
