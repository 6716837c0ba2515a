// The learned code of a secret, as bytes: the payload `code`. runtime/payloads/code.py is the reference.
//
// The secret is cut into tiles, and the graphs code each of them. One quantizer index serves the whole
// picture, so that busy tiles get what smooth ones leave. A secret that is very large for its budget is
// reduced first, and stretched back when it is revealed.

import { type Bytes, concat } from '../bytes';
import type { Network, Networks, Run } from '../engine/network';
import { byteRows, float, int64, pictures, scalar, split } from '../engine/tensors';
import { AlteredError } from '../errors';
import { place, type Tile, tilesOf } from '../images/grid';
import { blank, type Picture, type Size } from '../images/picture';
import { resize } from '../images/resize';
import { FIXED, headerSize, pack, parse, WORD } from './code-bytes';
import { estimateRun } from './code-curve';
import { makePlan, type Plan } from './code-plan';

/** Level of tiles whose code is lost: a decoder would make noise of it. */
const GREY = 128;

/** Large tiles in one run; of small ones, as many as have their pixels. */
const TOGETHER = 2;
const RUN_PIXELS = TOGETHER * 512 * 512;

/** Tiles of which a forecast takes no longer than a user waits. */
const FEW_TILES = 24;

/** Share of the time to code that estimates take. */
const PLANNING = 0.3;

/** A secret as code, or what it would become. */
export interface Encoded {
  readonly content: Bytes;
  /** The size at which the secret is coded; its own unless it is reduced. */
  readonly codedSize: Size;
  /** About what the revealed secret will have, in dB, at its own size. */
  readonly psnr: number;
}

export interface Expected extends Omit<Encoded, 'content'> {
  /** Bytes of the code. */
  readonly size: number;
}

export interface Decoded {
  /** At the secret's own size. */
  readonly picture: Picture;
  /** Tiles of it that are lost, and grey. */
  readonly damaged: number;
  readonly tiles: number;
  readonly codedSize: Size;
}

/** Called with the share that is done, 0 to 1. */
type Progress = (share: number) => void;

/** Codes a secret so that it fills a budget in bytes. */
export async function encode(
  networks: Networks,
  secret: Picture,
  budget: number,
  progress: Progress,
): Promise<Encoded> {
  const estimate = await networks('estimate');
  const plan = await planOf(estimate, secret, budget, (share) => progress(PLANNING * share));
  const hide = await networks('hide');
  const words = new Map<number, Int32Array>();
  const next = () => plan.nextRound(TOGETHER);
  for (let round = next(); round.length > 0; round = next()) {
    const price = plan.price();
    for (const batch of batches(plan.tiles, round)) {
      const run = hideRun(
        batch.map((number) => plan.tile(number)),
        batch.map((number) => plan.choices[number]),
        plan.qindex,
        plan.adaptive,
        price,
      );
      const [every, counts] = (await hide.run(run)) as readonly Int32Array[];
      let start = 0;
      for (const [index, number] of batch.entries()) {
        words.set(number, every.slice(start, start + counts[index]));
        start += counts[index];
      }
      progress(PLANNING + ((1 - PLANNING) * words.size) / plan.tiles.length);
    }
    for (const number of round) plan.add(number, words.get(number)?.length ?? 0, price);
    plan.repeatIfOff();
  }
  const each = plan.tiles.map(({ number }) => words.get(number) ?? new Int32Array());
  const counts = each.map(({ length }) => length);
  const { qindex, adaptive, ownSize, codedSize } = plan;
  const header = pack({ codedSize, ownSize, qindex, adaptive, counts });
  return { content: concat(header, ...each.map(bytesOf)), codedSize, psnr: plan.psnr() };
}

/** About what a secret would become with a budget in bytes, without coding it. */
export async function forecast(
  estimate: Network,
  secret: Picture,
  budget: number,
): Promise<Expected> {
  const isLarge = tilesOf(secret).length > FEW_TILES;
  const plan = await (isLarge ? makePlan : planOf)(estimate, secret, budget);
  return { size: plan.expectedSize(), codedSize: plan.codedSize, psnr: plan.psnr() };
}

/** What was decided last, as hiding usually follows a forecast of the same. */
let decided: { secret: Picture; budget: number; plan: Plan } | null = null;

/** Decides on size, scales and quantizer index. */
async function planOf(
  estimate: Network,
  secret: Picture,
  budget: number,
  progress: Progress = () => undefined,
): Promise<Plan> {
  if (decided?.secret !== secret || decided.budget !== budget) {
    decided = { secret, budget, plan: await newPlan(estimate, secret, budget, progress) };
  }
  return decided.plan.copy();
}

async function newPlan(
  estimate: Network,
  secret: Picture,
  budget: number,
  progress: Progress,
): Promise<Plan> {
  const plan = await makePlan(estimate, secret, budget);
  let most = 0;
  const rise = (share: number) => {
    most = Math.max(most, share);
    progress(most);
  };
  for (let isFarOff = true; isFarOff; ) isFarOff = await correct(plan, estimate, rise);
  return plan;
}

/** Corrects a plan by nearly exact estimates; returns whether it has to be corrected again. */
async function correct(plan: Plan, estimate: Network, progress: Progress): Promise<boolean> {
  const bits: number[] = [];
  const error: number[] = [];
  const choices: Uint8Array[] = [];
  let done = 0;
  for (const batch of batches(plan.tiles, [...plan.tiles.keys()])) {
    const tiles = batch.map((number) => plan.tile(number));
    const run = estimateRun(
      tiles,
      tiles.map(() => [plan.qindex]),
      plan.adaptive,
      true,
    );
    const [ofTiles, lost, chosen] = await estimate.run(run);
    const each = split(chosen as Uint8Array, batch.length);
    for (const [index, number] of batch.entries()) {
      bits[number] = Number(ofTiles[index]);
      error[number] = Number(lost[index]);
      choices[number] = each[index];
    }
    done += batch.length;
    progress(done / plan.tiles.length);
  }
  plan.choices = choices;
  return plan.correct(bits, error);
}

/**
 * Reads what `encode` wrote. Any other content raises an error, or gives some picture.
 *
 * @param lost Ranges of the content, from one index to before another, that are unreliable.
 */
export async function decode(
  networks: Networks,
  content: Bytes,
  lost: readonly (readonly [start: number, end: number])[],
  progress: Progress,
): Promise<Decoded> {
  const isLost = (start: number, end: number) =>
    lost.some(([from, to]) => from < end && start < to);
  if (isLost(0, FIXED)) throw lostStart();
  const header = parse(content);
  const { codedSize, ownSize, qindex, adaptive, counts } = header;
  const tiles = tilesOf(codedSize);
  let start = headerSize(tiles.length);
  if (isLost(0, start)) throw lostStart();
  const words: Int32Array[] = [];
  const intact: number[] = [];
  for (const { number } of tiles) {
    const end = start + WORD * counts[number];
    words.push(wordsOf(content.subarray(start, end)));
    if (!isLost(start, end)) intact.push(number);
    start = end;
  }
  const picture = blank(codedSize.width, codedSize.height);
  if (intact.length < tiles.length) picture.data.fill(GREY);
  let done = 0;
  const reveal = await networks('reveal');
  for (const batch of batches(tiles, intact)) {
    const run = revealRun(
      batch.map((number) => words[number]),
      tiles[batch[0]],
      qindex,
      adaptive,
    );
    const [secrets] = (await reveal.run(run)) as readonly Uint8Array[];
    for (const [index, data] of split(secrets, batch.length).entries()) {
      place(data, tiles[batch[index]], picture);
    }
    done += batch.length;
    progress(done / intact.length);
  }
  return {
    picture: resize(picture, ownSize.width, ownSize.height),
    damaged: tiles.length - intact.length,
    tiles: tiles.length,
    codedSize,
  };
}

function lostStart(): AlteredError {
  return new AlteredError("The start of the hidden picture's code is lost.");
}

/**
 * Codes tiles of one size.
 *
 * @param choices What the estimate graph chose for each.
 */
export function hideRun(
  tiles: readonly Picture[],
  choices: readonly Uint8Array[],
  qindex: number,
  adaptive: boolean,
  price: number,
): Run {
  return {
    inputs: {
      secret: pictures(tiles),
      choices: byteRows(choices),
      qindex: int64(tiles.map(() => qindex)),
      adaptive: scalar(Number(adaptive)),
      price: float(price),
    },
    outputs: ['words', 'counts'],
  };
}

/** Decodes tiles of one size. */
export function revealRun(
  words: readonly Int32Array[],
  { height, width }: Size,
  qindex: number,
  adaptive: boolean,
): Run {
  const longest = Math.max(...words.map(({ length }) => length));
  const rows = new Int32Array(words.length * longest);
  for (const [index, own] of words.entries()) rows.set(own, index * longest);
  return {
    inputs: {
      words: { type: 'int32', data: rows, shape: [words.length, longest] },
      height: scalar(height),
      width: scalar(width),
      qindex: int64(words.map(() => qindex)),
      adaptive: scalar(Number(adaptive)),
    },
    outputs: ['secret'],
  };
}

/** Numbers of tiles, those of one size together, at most `RUN_PIXELS` at a time. */
function batches(tiles: readonly Tile[], numbers: readonly number[]): number[][] {
  const bySize = new Map<string, number[]>();
  for (const number of numbers) {
    const { height, width } = tiles[number];
    const size = `${height}x${width}`;
    bySize.set(size, [...(bySize.get(size) ?? []), number]);
  }
  return [...bySize.values()].flatMap((alike) => {
    const { height, width } = tiles[alike[0]];
    const most = Math.max(1, Math.floor(RUN_PIXELS / (height * width)));
    const count = Math.ceil(alike.length / most);
    return Array.from({ length: count }, (_, index) =>
      alike.slice(index * most, (index + 1) * most),
    );
  });
}

function bytesOf(words: Int32Array): Bytes {
  const bytes = new Uint8Array(WORD * words.length);
  for (const [index, word] of words.entries()) {
    bytes[2 * index] = word >> 8;
    bytes[2 * index + 1] = word;
  }
  return bytes;
}

function wordsOf(bytes: Uint8Array): Int32Array {
  return Int32Array.from(
    { length: bytes.length / WORD },
    (_, index) => (bytes[2 * index] << 8) | bytes[2 * index + 1],
  );
}
