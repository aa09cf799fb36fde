import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { COPY_COUNT, COPY_LENGTH, StateRow } from "../src/state-clock.ts";
import { fixedRandom } from "./hand-clock.ts";
import { expectedWord, type RowWriting } from "./row-writer.ts";

const LIVE_READS = 2_000_000;
const TERMINATIONS = 24;
/** So that two cores are busy: one that dies while the next is being started. */
const WRITERS = 2;

type Protocol = RowWriting["protocol"];

interface Row {
  readonly writing: RowWriting;
  readonly published: StateRow;
  readonly into: Float64Array;
}

function newRow(protocol: Protocol): Row {
  const words = new Float64Array(new SharedArrayBuffer(8 * COPY_COUNT * COPY_LENGTH));
  const sequences = new Int32Array(new SharedArrayBuffer(4));
  const acknowledged = new Int32Array(new SharedArrayBuffer(4));
  const published = new StateRow(words, 0, sequences, 0);
  return { writing: { words, sequences, acknowledged, protocol }, published, into: new Float64Array(COPY_LENGTH) };
}

function startWriter(row: Row): Worker {
  return new Worker(new URL("./row-writer.ts", import.meta.url), { workerData: row.writing });
}

/** The reader that belongs to the protocol; false where it cannot get a row. */
function readRow({ writing: { words, sequences, protocol }, published, into }: Row): boolean {
  if (protocol === "rotating copies" || protocol === "one copy") return published.read(into);
  for (let tries = 0; tries < 64; tries++) {
    const before = Atomics.load(sequences, 0);
    for (let i = 0; i < COPY_LENGTH; i++) into[i] = words[i] as number;
    if ((before & 1) === 0 && Atomics.add(sequences, 0, 0) === before) return true;
  }
  return false;
}

/** How many workers the row says have entered; null where no number of them explains its twelve words. */
function enteredIn(into: Float64Array): number | null {
  let entered = 0;
  for (let state = 0; state < COPY_LENGTH / 2; state++) entered += into[state] as number;
  for (let word = 0; word < COPY_LENGTH; word++) if (into[word] !== expectedWord(word, entered)) return null;
  return entered;
}

/** Gives way to the threads' own events until the writer has come this far; how fast that is does not matter. */
async function reached(row: Row, transitions: number): Promise<void> {
  while (Atomics.load(row.writing.acknowledged, 0) < transitions) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Reads while a writer writes at full speed: how many reads were impossible, and how far the writer came meanwhile. */
async function readUnderLoad(protocol: Protocol, reads: number) {
  const row = newRow(protocol);
  const worker = startWriter(row);
  await reached(row, 1000);
  const first = Atomics.load(row.writing.acknowledged, 0);
  let unreadable = 0;
  let impossible = 0;
  let backward = 0;
  let last = 0;
  for (let read = 0; read < reads; read++) {
    if (!readRow(row)) {
      unreadable += 1;
      continue;
    }
    const entered = enteredIn(row.into);
    if (entered === null) impossible += 1;
    else if (entered < last) backward += 1;
    else last = entered;
  }
  const written = Atomics.load(row.writing.acknowledged, 0) - first;
  await worker.terminate();
  return { unreadable, impossible, backward, written };
}

/** Terminates writers in the middle of their work: in how many cases the row they leave behind is not what they did. */
async function rowsLeftByTheDead(protocol: Protocol, terminations: number, isEnough: (bad: number) => boolean) {
  const random = fixedRandom(20_010_101);
  let done = 0;
  let bad = 0;
  const terminateOne = async () => {
    const row = newRow(protocol);
    const worker = startWriter(row);
    await reached(row, 1 + Math.floor(random() * 50_000));
    await worker.terminate();
    const isReadable = readRow(row);
    const entered = isReadable ? enteredIn(row.into) : null;
    const acknowledged = Atomics.load(row.writing.acknowledged, 0);
    if (entered === null || entered < acknowledged || entered > acknowledged + 1) bad += 1;
  };
  const terminateInTurn = async () => {
    while (done < terminations && !isEnough(bad)) {
      done += 1;
      await terminateOne();
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, terminateInTurn));
  return { done, bad };
}

test("every word of a row is known after any number of transitions", () => {
  const states = COPY_LENGTH / 2;
  const words = new Array<number>(COPY_LENGTH).fill(0);
  for (let entered = 1; entered <= 50; entered++) {
    const state = (entered - 1) % states;
    words[state] = (words[state] as number) + 1;
    words[states + state] = (words[states + state] as number) + entered;
    expect(words.map((_, word) => expectedWord(word, entered))).toEqual(words);
  }
});

test("a row that is read millions of times while it is written is never torn", async () => {
  const { written, ...wrong } = await readUnderLoad("rotating copies", LIVE_READS);
  expect(wrong).toEqual({ unreadable: 0, impossible: 0, backward: 0 });
  expect(written).toBeGreaterThan(LIVE_READS / 10);
});

test("the same check finds torn rows where the writer does not publish copies", async () => {
  // On a machine that runs both threads in turn there may be none for a while.
  let torn = 0;
  for (let attempt = 0; attempt < 20 && torn === 0; attempt++) {
    const { impossible } = await readUnderLoad("one copy", LIVE_READS / 10);
    torn += impossible;
  }
  expect(torn).toBeGreaterThan(0);
});

test("a writer that is terminated in mid-write leaves a whole row with all that it acknowledged", async () => {
  const { done, bad } = await rowsLeftByTheDead("rotating copies", TERMINATIONS, () => false);
  expect(done).toBe(TERMINATIONS);
  expect(bad).toBe(0);
});

test.each(["one copy", "sequence lock"] as const)(
  "the same check finds rows that died with their writer: %s",
  async (protocol) => {
    const { bad } = await rowsLeftByTheDead(protocol, 10 * TERMINATIONS, (found) => found > 0);
    expect(bad).toBeGreaterThan(0);
  },
);
