// How a secret is coded to fill a budget: its size, its quantizer index, and the price of bits.
// runtime/payloads/code_plan.py is the reference.
//
// The estimate graph says what tiles would take and lose. First, few samples of some tiles at many
// quantizer indices; then, at one index, nearly exact bits of every tile.

import type { Network } from '../engine/network';
import { PictureError } from '../errors';
import { type Tile, tilesOf } from '../images/grid';
import { crop, type Picture, type Size } from '../images/picture';
import { resize } from '../images/resize';
import { ADAPTIVE_WORDS, headerSize, lanesOf, leastWords, QINDICES, WORD } from './code-bytes';
import {
  ADAPTIVE_BITS,
  at,
  type Curve,
  curveOf,
  estimated,
  GRID,
  LARGE,
  LARGE_PIECES,
  mosaic,
  PIECES,
  qindexFor,
} from './code-curve';

/** Squared error, in squared steps, that one bit is worth, unless the budget asks for another. */
export const PRICE = 0.1;

/** Prices that are still near the best trade of bits for error. */
const [LEAST_PRICE, MOST_PRICE] = [0.05, 0.22];
/** Bits b of a sample fall with the price as its power of -min(ELASTIC, STIFF / b). */
const [ELASTIC, STIFF] = [0.11, 0.16];
/** Smaller pictures share runs with others, which must have one price. */
const PRICED_PIXELS = (512 * 512) / 2;
/**
 * Bits of each macroblock that nearly exact estimates are off by at most, nearly always: before any
 * tile is coded, once some are, and if all were before. Coding again takes longer than all estimates.
 */
const [MARGIN, LATER_MARGIN, KNOWN_MARGIN] = [6, 4, 1.5];
/** Less of the budget is not enough: all is coded again, once. */
const FULL = 0.98;
/** A step of the index is worth about one of so many parts of the bits. */
const INDICES = 48;
/** An index that is more than so far off has to be corrected again, but not always. */
const [FAR, MOST_CORRECTIONS] = [9, 3];
/** Choices for a finer quantizer take more bits, by so much for each index. */
const STALE = 0.0015;
/** Tiles that are reduced to see how much is lost. */
const REDUCED_TILES = 4;
/** Fewer words of a tile are not worth its adaptive scales, and so many always are. */
const [ADAPTIVE_LEAST, ADAPTIVE_SURE] = [16 * ADAPTIVE_WORDS, 256 * ADAPTIVE_WORDS];
/** Below so many bits per sample, a smaller secret may be revealed better. */
const DENSE = 0.15;
/** Sizes that are tried: each has half the pixels of the one two before. */
const SCALES = Array.from({ length: 25 }, (_, step) => 2 ** (-step / 4));
/**
 * Decibels by which the trellis does better than estimated at one bit per sample, and the power of
 * the bits with which that falls; and the most.
 */
const [GAINED, FALLING, MOST_GAINED] = [0.3, -0.4, 0.8];
/**
 * What stretching makes of each squared error of a coded picture, together with what is lost by
 * reducing it.
 */
const STRETCHED = 1.2;

/** How one secret is being coded. */
export class Plan {
  readonly tiles: readonly Tile[];
  readonly codedSize: Size;
  /** Quantizer index of all tiles. */
  qindex: number;
  /** What the estimate graph chose for each tile. */
  choices: readonly Uint8Array[] = [];

  private readonly lanes: readonly number[];
  /** For the words. */
  private readonly bits: number;
  private readonly priced: boolean;
  private curve: Curve;
  private expected: number[];
  private taken = new Map<number, number>();
  private readonly forecast = new Map<number, number>();
  private lastRound: readonly number[] = [];
  /** Whether all tiles were coded before. */
  private known = false;
  private corrections = 0;

  /**
   * @param coded What is cut into tiles.
   * @param ownSize Of the secret.
   * @param budget Most bytes of the code.
   * @param adaptive Whether tiles have adaptive scales.
   * @param curve Estimated from few samples.
   * @param reductionError Squared error of stretching the coded picture to the secret's size.
   */
  constructor(
    readonly coded: Picture,
    readonly ownSize: Size,
    private readonly budget: number,
    readonly adaptive: boolean,
    curve: Curve,
    private readonly reductionError: number,
  ) {
    this.tiles = tilesOf(coded);
    this.codedSize = { width: coded.width, height: coded.height };
    this.lanes = this.tiles.map(lanesOf);
    this.bits = 8 * WORD * Math.floor((budget - headerSize(this.tiles.length)) / WORD);
    if (this.bits <= 0) throw this.tooSmall(8 * WORD * leastWords(this.lanes));
    this.curve = curve;
    this.priced = coded.width * coded.height >= PRICED_PIXELS;
    this.qindex = Math.round(qindexFor(curve, this.bits));
    this.expected = this.tiles.map(() => 0);
  }

  /** The same plan, of which nothing is coded yet. */
  copy(): Plan {
    const { coded, ownSize, budget, adaptive, curve, reductionError } = this;
    const plan = new Plan(coded, ownSize, budget, adaptive, curve, reductionError);
    plan.qindex = this.qindex;
    plan.expected = [...this.expected];
    plan.choices = this.choices;
    return plan;
  }

  /** A tile of the coded picture. */
  tile(number: number): Picture {
    return crop(this.coded, this.tiles[number]);
  }

  /**
   * Chooses the index again, given the nearly exact bits and squared error of each tile.
   *
   * @returns Whether these have to be found again, as the index was far off.
   */
  correct(exactBits: readonly number[], exactError: readonly number[]): boolean {
    const { bits, error } = this.curve;
    const before = this.qindex;
    const bitsScale = sum(exactBits) / at(bits, before);
    const errorScale = sum(exactError) / at(error, before);
    this.curve = {
      bits: bits.map((value) => value * bitsScale),
      error: error.map((value) => value * errorScale),
    };
    const usable = this.bits - (MARGIN * sum(this.lanes)) / Math.sqrt(this.lanes.length);
    const qindex = qindexFor(this.curve, Math.max(usable, 1));
    this.expected = [...exactBits];
    this.move(this.priced ? Math.round(qindex) : Math.ceil(qindex - 1e-6));
    this.corrections++;
    return Math.abs(this.qindex - before) > FAR && this.corrections < MOST_CORRECTIONS;
  }

  /** Bytes of the code that are expected; less exactly before `correct`. */
  expectedSize(): number {
    const expected = sum(this.expected) || at(this.curve.bits, this.qindex);
    const bits = Math.min(expected, this.bits);
    return headerSize(this.tiles.length) + WORD * Math.ceil(bits / 8 / WORD);
  }

  /** What the revealed secret is expected to have, in dB. */
  psnr(): number {
    const samples = 3 * this.ownSize.width * this.ownSize.height;
    let error = at(this.curve.error, this.qindex);
    if (!isSame(this.coded, this.ownSize)) error *= (STRETCHED * samples) / this.coded.data.length;
    const gained = GAINED * (this.bits / this.coded.data.length) ** FALLING;
    error *= 10 ** (-Math.min(gained, MOST_GAINED) / 10);
    return psnrOf((error + this.reductionError) / samples);
  }

  /**
   * Tiles to be coded next, all at the same price; none if all are.
   *
   * @param together How many are coded at a time.
   */
  nextRound(together: number): readonly number[] {
    // In an order that takes some from everywhere.
    const key = (number: number) => (number * 0.6180339887) % 1;
    const left = this.left().sort((one, other) => key(one) - key(other));
    const half = Math.floor(left.length / 2 / together) * together;
    this.lastRound = this.priced ? left.slice(0, Math.max(together, half)) : left;
    return this.lastRound;
  }

  /** The price at which what is left to be coded is expected to fill what is left. */
  price(): number {
    return Math.min(Math.max(this.wantedPrice(), LEAST_PRICE), MOST_PRICE);
  }

  /** Notes what a tile took at a price. */
  add(number: number, words: number, price: number): void {
    this.taken.set(number, 8 * WORD * words);
    const expected = this.expected[number] * (price / PRICE) ** -this.elasticity();
    this.forecast.set(number, expected);
  }

  /**
   * If all tiles are coded, and took too much, makes some of them be coded again; once, also if they
   * took much too little.
   */
  repeatIfOff(): void {
    if (this.taken.size < this.tiles.length) return;
    const total = sum([...this.taken.values()]);
    const over = total > this.bits;
    if (!over && (this.known || total > FULL * this.bits || this.qindex === 0)) return;
    this.known = true;
    for (const [number, taken] of this.taken) {
      this.expected[number] *= taken / (this.forecast.get(number) ?? taken);
      this.forecast.set(number, taken);
    }
    const every = this.taken;
    const isKept = ([number]: [number, number]) => !this.lastRound.includes(number);
    this.taken = new Map([...every].filter(isKept));
    const noneKept = this.taken.size === 0;
    const wanted = this.wantedPrice();
    if (over && (!this.priced || wanted > MOST_PRICE)) {
      if (this.qindex === QINDICES - 1) throw this.tooSmall(total);
      this.taken = new Map();
      this.move(this.qindex + 1 + Math.floor((INDICES * (total - this.bits)) / total));
    } else if (!over && (!this.priced || (wanted < LEAST_PRICE && noneKept))) {
      const lower = Math.floor((INDICES * (FULL * this.bits - total)) / total);
      this.taken = lower > 0 ? new Map() : every;
      this.move(Math.max(this.qindex - lower, 0));
    }
  }

  /** Changes the index of all tiles. */
  private move(qindex: number): void {
    const before = this.qindex;
    this.qindex = Math.min(qindex, QINDICES - 1);
    const change = at(this.curve.bits, this.qindex) / at(this.curve.bits, before);
    const scale = change * (1 + STALE * (this.qindex - before));
    this.expected = this.expected.map((bits) => bits * scale);
  }

  private wantedPrice(): number {
    if (!this.priced) return PRICE;
    const left = this.left();
    const taken = sum([...this.taken.values()]);
    let forecast = sum(left.map((number) => this.expected[number]));
    let margin = MARGIN;
    if (this.taken.size > 0) {
      forecast *=
        taken / sum([...this.taken.keys()].map((number) => this.forecast.get(number) ?? 0));
      margin = LATER_MARGIN;
    }
    if (this.known) margin = KNOWN_MARGIN;
    const lanes = sum(left.map((number) => this.lanes[number]));
    const room = this.bits - taken - (margin * lanes) / Math.sqrt(Math.max(left.length, 1));
    return PRICE * (Math.max(room, 1) / Math.max(forecast, 1)) ** (-1 / this.elasticity());
  }

  private left(): number[] {
    return this.tiles.map(({ number }) => number).filter((number) => !this.taken.has(number));
  }

  private elasticity(): number {
    const bits = sum(this.expected) / this.coded.data.length;
    return Math.min(ELASTIC, STIFF / Math.max(bits, 1e-3));
  }

  private tooSmall(bits: number): PictureError {
    const needed = headerSize(this.tiles.length) + Math.ceil(bits / 8);
    const [needs, room] = [needed, this.budget].map((bytes) => bytes.toLocaleString('en'));
    return new PictureError(`Secret needs ${needs} bytes as code, and there is room for ${room}.`);
  }
}

/** Decides at which size to code a secret, whether with adaptive scales, and about which index. */
export async function makePlan(estimate: Network, secret: Picture, budget: number): Promise<Plan> {
  const size = { width: secret.width, height: secret.height };
  let coded = secret;
  let reductionError = 0;
  if (8 * budget < DENSE * secret.data.length) {
    const best = await bestScale(estimate, secret, budget);
    const { width, height } = scaled(size, best.scale);
    coded = resize(secret, width, height);
    reductionError = best.error;
  }
  const tiles = tilesOf(coded).length;
  const words = budget / WORD / tiles;
  let adaptive = words >= ADAPTIVE_LEAST;
  const isLarge = secret.data.length > 3 * LARGE;
  const sample = mosaic([coded], isLarge ? LARGE_PIECES : PIECES);
  const curve = await curveOf(estimate, sample, coded.data.length, adaptive);
  if (ADAPTIVE_LEAST <= words && words < ADAPTIVE_SURE) {
    const wanted = qindexFor(curve, 8 * budget);
    const distances = GRID.map((qindex) => Math.abs(qindex - wanted));
    const near = distances.indexOf(Math.min(...distances));
    const { bits } = await estimated(estimate, sample, [GRID[near]], false);
    const saved = (bits[0] * coded.data.length) / sample.data.length - curve.bits[near];
    adaptive = saved > ADAPTIVE_BITS * tiles;
  }
  return new Plan(coded, size, budget, adaptive, curve, reductionError);
}

/** The scale with about the least error at the secret's own size, and how much reducing adds. */
async function bestScale(
  estimate: Network,
  secret: Picture,
  budget: number,
): Promise<{ scale: number; error: number }> {
  const tiles = tilesOf(secret);
  const count = Math.min(REDUCED_TILES, tiles.length);
  const crops = Array.from({ length: count }, (_, number) =>
    crop(secret, tiles[Math.floor(((number + 0.5) * tiles.length) / count)]),
  );
  const share = secret.data.length / samplesOf(crops);
  let best = { scale: SCALES[SCALES.length - 1], error: 0 };
  let least = Infinity;
  let worse = 0;
  for (const scale of SCALES) {
    const parts = crops.map((part) => reduced(part, scale));
    const small = parts.map(({ picture }) => picture);
    const samples = share * samplesOf(small);
    const curve = await curveOf(estimate, mosaic(small, PIECES), samples, false);
    const qindex = qindexFor(curve, 8 * budget);
    if (at(curve.bits, qindex) > 8.08 * budget) continue;
    const lost = share * sum(parts.map(({ error }) => error));
    const stretched = scale < 1 ? (STRETCHED * secret.data.length) / samples : 1;
    const error = at(curve.error, qindex) * stretched + lost;
    if (error < least) {
      best = { scale, error: lost };
      least = error;
      worse = 0;
    } else if (++worse === 2) {
      break;
    }
  }
  return best;
}

/** A size, reduced. */
function scaled({ width, height }: Size, scale: number): Size {
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  return { width: side(width), height: side(height) };
}

/** A tile, reduced, and the squared error of stretching it back. */
function reduced(part: Picture, scale: number): { picture: Picture; error: number } {
  const { width, height } = scaled(part, scale);
  const picture = resize(part, width, height);
  const back = resize(picture, part.width, part.height);
  let error = 0;
  for (let sample = 0; sample < part.data.length; sample++) {
    error += (back.data[sample] - part.data[sample]) ** 2;
  }
  return { picture, error };
}

/**
 * About the PSNR in dB, after rounding to 8 bits, of a mean squared error.
 *
 * Errors are taken to be normal, and those below half a level are rounded away.
 */
function psnrOf(error: number): number {
  let rounded = error + 1 / 12;
  if (error < 4) {
    const deviation = Math.sqrt(2 * Math.max(error, 1e-3));
    // The square of a rounded error is a sum of odd numbers: 1, and 3 from 2 on, and so forth.
    const odd = Array.from({ length: 16 }, (_, k) => (2 * k + 1) * erfc((k + 0.5) / deviation));
    rounded = sum(odd);
  }
  return 10 * Math.log10(255 ** 2 / Math.max(rounded, 1e-9));
}

/** The complementary error function, to about seven digits (Numerical Recipes, erfcc). */
function erfc(x: number): number {
  const t = 1 / (1 + x / 2);
  const terms = [
    ...[-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806],
    ...[0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277],
  ];
  return t * Math.exp(-x * x + terms.reduceRight((value, term) => term + t * value, 0));
}

function isSame(one: Size, other: Size): boolean {
  return one.width === other.width && one.height === other.height;
}

function samplesOf(pictures: readonly Picture[]): number {
  return sum(pictures.map(({ data }) => data.length));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
