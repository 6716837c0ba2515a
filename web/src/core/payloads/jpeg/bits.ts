// Numbers of a few bits each, one after another, from the highest bit of each byte on.

import type { Bytes } from '../../bytes';

/** Bytes to have after the last whose bits are read. */
export const MARGIN = 8;

/**
 * A number of at most 16 bits.
 *
 * @param bytes With `MARGIN` more than there are.
 * @param start Its first bit.
 */
export function bitsAt(bytes: Uint8Array, start: number, count: number): number {
  const at = start >>> 3;
  const word = (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
  return (word >> (24 - (start & 7) - count)) & ((1 << count) - 1);
}

/** Writes numbers. */
export class BitWriter {
  private bytes = new Uint8Array(1 << 16);
  private size = 0;
  private pending = 0;
  private count = 0;

  /** Writes the lowest bits of a number, at most 16; the others are zeros. */
  put(value: number, count: number): void {
    this.pending = (this.pending << count) | value;
    this.count += count;
    if (this.size + 2 > this.bytes.length) this.bytes = grown(this.bytes);
    while (this.count >= 8) {
      this.count -= 8;
      this.bytes[this.size++] = this.pending >> this.count;
    }
    this.pending &= (1 << this.count) - 1;
  }

  /** Fills the last byte with zeros or ones; returns how many bytes there are. */
  fill(filling: 0 | 1): number {
    const left = (8 - this.count) & 7;
    this.put(filling ? (1 << left) - 1 : 0, left);
    return this.size;
  }

  /** All that was written, the last byte filled with zeros or ones. */
  finish(filling: 0 | 1): Bytes {
    return this.bytes.slice(0, this.fill(filling));
  }
}

/** The same numbers, with room for as many again. */
function grown(bytes: Bytes): Bytes {
  const larger = new Uint8Array(2 * bytes.length);
  larger.set(bytes);
  return larger;
}
