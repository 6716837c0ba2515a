import { expect, test } from 'vitest';
import { bigEndian, concat } from '../../src/core/bytes';
import type { Network, Run, TensorData } from '../../src/core/engine/network';
import { AlteredError, PictureError } from '../../src/core/errors';
import { type Tile, tilesOf } from '../../src/core/images/grid';
import { crop, type Picture } from '../../src/core/images/picture';
import { decode, encode, forecast } from '../../src/core/payloads/code';
import {
  type Header,
  headerSize,
  lanesOf,
  leastWords,
  pack,
  parse,
} from '../../src/core/payloads/code-bytes';
import { randomPicture } from '../support';

const ignore = () => undefined;

/** The mean level of each picture of a batch, 0 to 1. */
function busyness({ inputs }: Run): { busy: number[]; samples: number; lanes: number } {
  const { data, shape } = inputs.secret;
  const [count, height, width] = shape;
  const samples = 3 * height * width;
  const busy = Array.from({ length: count }, (_, index) => {
    const part = (data as Uint8Array).subarray(index * samples, (index + 1) * samples);
    return part.reduce((sum, level) => sum + level, 0) / samples / 256;
  });
  return { busy, samples, lanes: lanesOf({ height, width }) };
}

/** Stands in for the graphs: bits and errors by formulas. */
function networks(prices: number[] = []) {
  const bitsAt = (
    qindex: number,
    busy: number,
    { samples, lanes }: { samples: number; lanes: number },
    adaptive: boolean,
  ) => {
    const bits = samples * (8 * Math.exp(-qindex / 120) * (0.2 + busy) + 0.002) + 20 * lanes;
    return adaptive ? 0.9 * bits + 1536 : bits;
  };
  const run = (graph: string, given: Run): TensorData[] => {
    const { inputs } = given;
    const adaptive = inputs.adaptive.data[0] === 1n;
    if (graph === 'reveal') return [revealed(given)];
    const { busy, ...size } = busyness(given);
    const { samples, lanes } = size;
    if (graph === 'estimate') {
      const [, columns] = inputs.qindices.shape;
      const facts = Array.from(inputs.qindices.data, Number).map((qindex, index) => {
        const own = busy[Math.floor(index / columns)];
        const error = samples * 0.02 * Math.exp(qindex / 60) * (0.5 + own);
        return [bitsAt(qindex, own, size, adaptive), error];
      });
      const choices = new Uint8Array(busy.length * (5 * lanes + 192));
      return [...[0, 1].map((fact) => Float32Array.from(facts, (both) => both[fact])), choices];
    }
    const price = Number(inputs.price.data[0]);
    prices.push(price);
    const counts = busy.map((own, index) => {
      const bits = bitsAt(Number(inputs.qindex.data[index]), own, size, adaptive);
      const least = lanes + 2 * Math.ceil(lanes / 32) + (adaptive ? 96 : 0);
      return Math.max(Math.floor((bits * 1.01 * (price / 0.1) ** -0.1) / 16), least);
    });
    const words = counts.reduce((sum, count) => sum + count, 0);
    return [new Int32Array(words), Int32Array.from(counts)];
  };
  return async (graph: string): Promise<Network> => ({
    backend: 'none',
    threads: 1,
    run: async (given) => run(graph, given),
  });
}

/** Tiles of the level that their first word says. */
function revealed({ inputs }: Run): Uint8Array {
  const [count, length] = inputs.words.shape;
  const samples = 3 * Number(inputs.height.data[0]) * Number(inputs.width.data[0]);
  const data = new Uint8Array(count * samples);
  for (let index = 0; index < count; index++) {
    const level = Number(inputs.words.data[index * length]);
    data.fill(level, index * samples, (index + 1) * samples);
  }
  return data;
}

// As `runtime.payloads.code` does with the same stand-ins for the graphs.
test.each([
  { width: 200, height: 300, budget: 20_000, size: 19_886, psnr: 49.366, qindex: 215 },
  { width: 200, height: 300, budget: 3000, size: 2846, psnr: 30.396, qindex: 489 },
  { width: 700, height: 1100, budget: 300_000, size: 299_789, psnr: 50.74, qindex: 193 },
  { width: 700, height: 1100, budget: 60_000, size: 59_735, psnr: 36.496, qindex: 403 },
])('$width x $height in $budget bytes is planned as Python plans it', async (given) => {
  const { width, height, budget } = given;
  const picture = randomPicture(width, height, 5);
  const encoded = await encode(networks(), picture, budget, ignore);
  const header = parse(encoded.content);
  expect(header).toMatchObject({ qindex: given.qindex, adaptive: budget > 3000 });
  expect(Math.abs(encoded.content.length - given.size)).toBeLessThan(0.002 * budget);
  expect(encoded.content.length).toBeLessThanOrEqual(budget);
  expect(encoded.psnr).toBeCloseTo(given.psnr, 1);
  expect(encoded.codedSize).toEqual({ width, height });
  const foretold = await forecast(await networks()('estimate'), picture, budget);
  expect(foretold.size / encoded.content.length).toBeCloseTo(1, 1);
  expect(foretold.psnr).toBeCloseTo(encoded.psnr, 0);
});

test('all tiles of a round have one price, and prices are moderate', async () => {
  const prices: number[] = [];
  await encode(networks(prices), randomPicture(700, 1100, 6), 200_000, ignore);
  for (const price of prices) expect(price).toSatisfy((x: number) => x >= 0.05 && x <= 0.22);
});

test('a secret far too large for its budget is reduced, or refused', async () => {
  const picture = randomPicture(400, 300, 7);
  const encoded = await encode(networks(), picture, 2000, ignore);
  expect(encoded.codedSize.width).toBeLessThan(400);
  expect(parse(encoded.content).ownSize).toEqual({ width: 400, height: 300 });
  await expect(encode(networks(), picture, 10, ignore)).rejects.toThrow(PictureError);
});

/** A few more than the fewest that a tile can have. */
function wordsOf(tile: Tile): number {
  return leastWords([lanesOf(tile)]) + 5;
}

function content(size: Header['codedSize'], own = size, change: Partial<Header> = {}) {
  const counts = tilesOf(size).map(wordsOf);
  const header = { codedSize: size, ownSize: own, qindex: 100, adaptive: false, counts, ...change };
  const words = counts.map((count, index) => {
    const bytes = new Uint8Array(2 * count);
    bytes[1] = 10 * (index + 1);
    return bytes;
  });
  return concat(pack(header), ...words);
}

const SIZE = { width: 700, height: 520 };

test('tiles are decoded to their places, and lost ones are grey', async () => {
  const bytes = content(SIZE);
  const whole = await decode(networks(), bytes, [], ignore);
  expect(whole).toMatchObject({ damaged: 0, tiles: 4, codedSize: SIZE });
  expect(levels(whole.picture)).toEqual([10, 20, 30, 40]);
  const start = headerSize(4) + 2 * wordsOf(tilesOf(SIZE)[0]);
  const partly = await decode(networks(), bytes, [[start, start + 1]], ignore);
  expect(partly).toMatchObject({ damaged: 1, tiles: 4 });
  expect(levels(partly.picture)).toEqual([10, 128, 30, 40]);
  for (const range of [
    [0, 1],
    [headerSize(4) - 1, headerSize(4)],
  ] as const) {
    await expect(decode(networks(), bytes, [range], ignore)).rejects.toThrow(AlteredError);
  }
});

function levels(picture: Picture): number[] {
  return tilesOf(SIZE).map((tile) => crop(picture, tile).data[100]);
}

test('a reduced secret is stretched to its own size', async () => {
  const own = { width: 1001, height: 777 };
  const decoded = await decode(networks(), content(SIZE, own), [], ignore);
  expect(decoded.picture).toMatchObject(own);
  expect(decoded.codedSize).toEqual(SIZE);
});

test('what is no code is rejected, before memory is taken for it', () => {
  const good = content(SIZE);
  expect(parse(good).counts.length).toBe(4);
  const bad = [
    good.subarray(0, 10),
    good.subarray(0, good.length - 2),
    concat(good, new Uint8Array(2)),
    content(SIZE, { width: 699, height: 520 }),
    content(SIZE, SIZE, { qindex: 512 }),
    content({ width: 1, height: 1 }, { width: 65, height: 64 }),
    changed(good, 14, 2),
    changed(good, 0, 255),
    changed(good, 16, 255),
  ];
  for (const bytes of bad) expect(() => parse(bytes)).toThrow(AlteredError);
  const huge = concat(good.subarray(0, 6), bigEndian(60_000, 3), bigEndian(60_000, 3));
  expect(() => parse(concat(huge, good.subarray(12)))).toThrow(/60000 x 60000 pixels/);
});

function changed(bytes: Uint8Array<ArrayBuffer>, at: number, value: number) {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}
