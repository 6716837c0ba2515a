// How a secret is coded to fill a budget: its size, its quantizer index, and the price of bits.
// runtime/payloads/code_plan.py is the reference.
//
// The estimate graph says what tiles would take and lose. First, few samples of some tiles at many
// quantizer indices; then, at one index, nearly exact bits of every tile.

import type { Network, Run } from '../engine/network';
import { int64, pictures, scalar } from '../engine/tensors';
import { PictureError } from '../errors';
import { type Tile, tilesOf } from '../images/grid';
import { crop, type Picture, type Size } from '../images/picture';
import { resize } from '../images/resize';
import { ADAPTIVE_WORDS, headerSize, lanesOf, QINDICES, WORD } from './code-bytes';

/** Squared error, in squared steps, that one bit is worth, unless the budget asks for another. */
export const PRICE = 0.1;

/** Prices that are still near the best trade of bits for error. */
const [LEAST_PRICE, MOST_PRICE] = [0.05, 0.22];
/** Bits b of a sample fall with the price as its power of -min(ELASTIC, STIFF / b). */
const [ELASTIC, STIFF] = [0.11, 0.13];
/** Smaller pictures share runs with others, which must have one price. */
const PRICED_PIXELS = (512 * 512) / 2;
/**
 * Bits of each macroblock that nearly exact estimates are off by at most, nearly always: before any
 * tile is coded, and once some are. Coding again takes longer than all estimates.
 */
const [MARGIN, LATER_MARGIN] = [6, 4];
/** Scores say so many times the bits that are taken. */
const SCORES = 1.1;
/** Tiles of which few samples are taken. */
const SAMPLED_TILES = 4;
const SPACING = 64;
const GRID = [0, 64, 128, 192, 256, 320, 384, 448, QINDICES - 1];
/** Fewer words of a tile are not worth its adaptive scales. */
const ADAPTIVE_LEAST = 16 * ADAPTIVE_WORDS;
/** Below so many bits per sample, a smaller secret may be revealed better. */
const DENSE = 0.25;
/** Sizes that are tried: each has half the pixels of the one two before. */
const SCALES = Array.from({ length: 25 }, (_, step) => 2 ** (-step / 4));
/** Of the error of a coded picture, what stretching leaves. */
const STRETCHED = 0.8;

/** Bits, and squared error in squared levels over all samples, at the indices of `GRID`. */
interface Curve {
  readonly bits: readonly number[];
  readonly error: readonly number[];
}

/** The least index, not whole, at which so many bits are enough; or else the last. */
function qindexFor({ bits }: Curve, enough: number): number {
  let [low, high] = [0, QINDICES - 1];
  if (at(bits, low) <= enough) return low;
  for (let time = 0; time < 20; time++) {
    const middle = (low + high) / 2;
    if (at(bits, middle) > enough) low = middle;
    else high = middle;
  }
  return high;
}

/** Interpolates logarithms of values of a curve, by cubics with the slopes of Catmull and Rom. */
function at(values: readonly number[], qindex: number): number {
  const logs = values.map((value) => Math.log(Math.max(value, 1e-9)));
  const last = logs.length - 1;
  const place = Math.min(Math.floor(qindex / SPACING), last - 1);
  const t = (qindex - GRID[place]) / (GRID[place + 1] - GRID[place]);
  const before = Math.max(place - 1, 0);
  const after = Math.min(place + 2, last);
  const first = (logs[place + 1] - logs[before]) / (place + 1 - before);
  const second = (logs[after] - logs[place]) / (after - place);
  const change = logs[place + 1] - logs[place];
  const square = t * t * (3 * change - 2 * first - second);
  return Math.exp(logs[place] + t * first + square + t ** 3 * (first + second - 2 * change));
}

/** How one secret is being coded. */
export class Plan {
  readonly tiles: readonly Tile[];
  readonly codedSize: Size;
  /** Quantizer index of all tiles. */
  qindex: number;

  private readonly lanes: readonly number[];
  /** For the words. */
  private readonly bits: number;
  private readonly priced: boolean;
  private curve: Curve;
  private expected: number[];
  private readonly taken = new Map<number, number>();
  private readonly forecast = new Map<number, number>();
  private lastRound: readonly number[] = [];

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
    if (this.bits <= 0) throw this.tooSmall(8 * WORD * 2 * sum(this.lanes));
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
    return plan;
  }

  /** A tile of the coded picture. */
  tile(number: number): Picture {
    return crop(this.coded, this.tiles[number]);
  }

  /** Chooses the index again, given the nearly exact bits and squared error of each tile. */
  correct(exactBits: readonly number[], exactError: readonly number[]): void {
    const { bits, error } = this.curve;
    const bitsScale = sum(exactBits) / at(bits, this.qindex);
    const errorScale = sum(exactError) / at(error, this.qindex);
    this.curve = {
      bits: bits.map((value) => value * bitsScale),
      error: error.map((value) => value * errorScale),
    };
    const usable = this.bits - (MARGIN * sum(this.lanes)) / Math.sqrt(this.lanes.length);
    const qindex = qindexFor(this.curve, Math.max(usable, 1));
    this.expected = [...exactBits];
    this.move(this.priced ? Math.round(qindex) : Math.ceil(qindex - 1e-6));
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
    return psnrOf((error + this.reductionError) / samples);
  }

  /** Tiles to be coded next, all at the same price; none if all are. */
  nextRound(): readonly number[] {
    // In an order that takes some from everywhere.
    const key = (number: number) => (number * 0.6180339887) % 1;
    const left = this.left().sort((one, other) => key(one) - key(other));
    const count = this.priced ? Math.max(1, Math.floor(left.length / 2)) : left.length;
    this.lastRound = left.slice(0, count);
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

  /** If all tiles are coded, and took too much, makes some of them be coded again. */
  repeatIfOver(): void {
    if (this.taken.size < this.tiles.length) return;
    const total = sum([...this.taken.values()]);
    if (total <= this.bits) return;
    for (const [number, taken] of this.taken) {
      this.expected[number] *= taken / (this.forecast.get(number) ?? taken);
      this.forecast.set(number, taken);
    }
    for (const number of this.lastRound) {
      this.taken.delete(number);
      this.forecast.delete(number);
    }
    if (!this.priced || this.wantedPrice() > MOST_PRICE) {
      if (this.qindex === QINDICES - 1) throw this.tooSmall(total);
      this.taken.clear();
      this.forecast.clear();
      // A step of the index is worth about 2 % of the bits.
      this.move(this.qindex + 1 + Math.floor((64 * (total - this.bits)) / total));
    }
  }

  /** Changes the index of all tiles. */
  private move(qindex: number): void {
    const before = at(this.curve.bits, this.qindex);
    this.qindex = Math.min(qindex, QINDICES - 1);
    const scale = at(this.curve.bits, this.qindex) / before;
    this.expected = this.expected.map((bits) => bits * scale);
  }

  private wantedPrice(): number {
    if (!this.priced) return PRICE;
    const left = this.left();
    const taken = sum([...this.taken.values()]);
    let forecast = sum(left.map((number) => this.expected[number]));
    if (this.taken.size > 0) forecast *= taken / sum([...this.forecast.values()]);
    const lanes = sum(left.map((number) => this.lanes[number]));
    const each = this.taken.size > 0 ? LATER_MARGIN : MARGIN;
    const margin = (each * lanes) / Math.sqrt(Math.max(left.length, 1));
    const room = this.bits - taken - margin;
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
  let sample = someTiles(secret);
  let reductionError = 0;
  if (8 * budget < DENSE * secret.data.length) {
    const scale = await bestScale(estimate, secret, sample, budget);
    const codedSize = scaled(size, scale);
    coded = resize(secret, codedSize.width, codedSize.height);
    const share = secret.data.length / samplesOf(sample);
    reductionError = share * sum(sample.map((part) => reduced(part, scale).error));
    sample = someTiles(coded);
  }
  let adaptive = budget / WORD / tilesOf(coded).length >= ADAPTIVE_LEAST;
  const curve = await curveOf(estimate, sample, coded.data.length, adaptive);
  if (adaptive) {
    const qindex = Math.round(qindexFor(curve, 8 * budget));
    const totals = [0, 0];
    for (const part of sample) {
      for (const flag of [0, 1]) {
        totals[flag] += (await estimated(estimate, part, [qindex], flag === 1)).bits[0];
      }
    }
    adaptive = totals[1] < totals[0];
  }
  return new Plan(coded, size, budget, adaptive, curve, reductionError);
}

/** The scale at which about the least error is left at the secret's own size. */
async function bestScale(
  estimate: Network,
  secret: Picture,
  sample: readonly Picture[],
  budget: number,
): Promise<number> {
  let best = SCALES[SCALES.length - 1];
  let least = Infinity;
  let worse = 0;
  const samples = samplesOf(sample);
  const bits = (8 * budget * samples) / secret.data.length;
  for (const scale of SCALES) {
    const parts = sample.map((part) => reduced(part, scale));
    const small = parts.map(({ picture }) => picture);
    const curve = await curveOf(estimate, small, samplesOf(small), false);
    const qindex = qindexFor(curve, bits);
    if (at(curve.bits, qindex) > 1.01 * bits) continue;
    let error = at(curve.error, qindex);
    if (scale < 1) error *= (STRETCHED * samples) / samplesOf(small);
    error += sum(parts.map((part) => part.error));
    if (error < least) [best, least, worse] = [scale, error, 0];
    else worse++;
    if (worse === 2) break;
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

/** Some of the tiles of a picture, from everywhere. */
function someTiles(picture: Picture): Picture[] {
  const tiles = tilesOf(picture);
  const count = Math.min(SAMPLED_TILES, tiles.length);
  return Array.from({ length: count }, (_, number) =>
    crop(picture, tiles[Math.floor(((number + 0.5) * tiles.length) / count)]),
  );
}

/** The curve of a picture of so many samples, of which some tiles are known. */
async function curveOf(
  estimate: Network,
  sample: readonly Picture[],
  samples: number,
  adaptive: boolean,
): Promise<Curve> {
  const share = samples / samplesOf(sample);
  const curve = { bits: GRID.map(() => 0), error: GRID.map(() => 0) };
  for (const part of sample) {
    const { bits, error } = await estimated(estimate, part, GRID, adaptive);
    for (const index of GRID.keys()) {
      curve.bits[index] += share * bits[index];
      curve.error[index] += share * error[index];
    }
  }
  return curve;
}

/** Bits and squared error of a tile at some indices, from few samples. */
async function estimated(
  estimate: Network,
  tile: Picture,
  qindices: readonly number[],
  adaptive: boolean,
): Promise<{ bits: number[]; error: number[] }> {
  const run = estimateRun([tile], [qindices], adaptive, false);
  const [bits, error] = (await estimate.run(run)) as readonly Float32Array[];
  return { bits: Array.from(bits, (value) => value / SCORES), error: [...error] };
}

/**
 * What tiles of one size would take and lose.
 *
 * @param qindices Of each tile, as many.
 * @param exact Whether from all blocks and the symbols of many, rather than few samples.
 */
export function estimateRun(
  tiles: readonly Picture[],
  qindices: readonly (readonly number[])[],
  adaptive: boolean,
  exact: boolean,
): Run {
  return {
    inputs: {
      secret: pictures(tiles),
      qindices: int64(qindices.flat(), qindices[0].length),
      adaptive: scalar(Number(adaptive)),
      exact: scalar(Number(exact)),
    },
    outputs: ['bits', 'error'],
  };
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
