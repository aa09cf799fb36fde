import { expect, test } from "vitest";
import { COPY_COUNT, COPY_LENGTH, StateRow } from "../src/state-clock.ts";
import { explore } from "./model/explorer.ts";
import { steppable } from "./model/program.ts";
import { type RowCase, rowModel } from "./model/row-model.ts";
import { asItIs, changed } from "./model/row-protocol.ts";
import type { Order } from "./model/shared-memory.ts";

const MAX_STATES = 1_000_000;

/**
 * Of publications, as many as fill each copy twice again; they may all come within one read, or between two. The counts of
 * states say how much is tried: they change with the steps that the code makes, and only then.
 */
const usual: RowCase = {
  protocol: asItIs,
  order: "weak",
  words: [0, COPY_LENGTH - 1],
  transitions: 8,
  reads: 2,
  firstSequence: 0,
};

const ORDERS: readonly Order[] = ["sequential", "weak"];
const pairs = Array.from({ length: COPY_LENGTH }, (_, one) =>
  Array.from({ length: COPY_LENGTH - 1 - one }, (_, more): [number, number] => [one, one + 1 + more]),
).flat();

function check(some: Partial<RowCase>, expected: { states: number }): void {
  expect(explore(rowModel({ ...usual, ...some }), MAX_STATES)).toEqual({ ...expected, counterexample: null });
}

test.each([
  ["sequential", 39_968],
  ["weak", 40_012],
] as const)("what is read was published, and is the last that a dead writer published: %s", (order, states) => {
  check({ order }, { states });
});

test("three reads that follow one another never go back", () => {
  check({ transitions: 6, reads: 3 }, { states: 22_573 });
});

test("no two of the words of a row are ever from different publications", () => {
  let states = 0;
  for (const words of pairs) {
    const found = explore(rowModel({ ...usual, words, transitions: 5, reads: 1 }), MAX_STATES);
    expect({ words, counterexample: found.counterexample }).toEqual({ words, counterexample: null });
    states += found.states;
  }
  expect(pairs.length).toBe((COPY_LENGTH * (COPY_LENGTH - 1)) / 2);
  expect(states).toBe(90_288);
});

test.each([2 ** 31 - 3, -3])("a sequence number that goes round is like any other: from %d on", (firstSequence) => {
  check({ firstSequence, transitions: 6 }, { states: 9_283 });
});

const PUBLISH = "Atomics.exchange(this.#sequences, this.#sequenceAt, next);";
const POINT = "Atomics.load(this.#sequences, this.#sequenceAt);";
const CHECK = "Atomics.add(this.#sequences, this.#sequenceAt, 0)";
const ACCEPT = "ahead >= 0 && ahead < COPY_COUNT - 1";
const COPIES = "COPY_COUNT = 4";
const FILL = "for (let i = 0; i < COPY_LENGTH; i++) words[at + i] = current[i] as number;";
const NEXT = "(this.#sequence + 1) | 0";
const AHEAD = `(${CHECK} - published) | 0`;
/** Sequence numbers of three bits, with their sign. */
const ofThreeBits = [
  [NEXT, "((this.#sequence + 1) << 29) >> 29"],
  [AHEAD, `((${CHECK} - published) << 29) >> 29`],
] as const;

/** A protocol that is not as it should be: the explorer must find that, or what it does not find says nothing. */
interface Change {
  readonly name: string;
  readonly edits: readonly (readonly [from: string, to: string])[];
  /** Under which orders of memory; only the weak one where a run on x64 would find nothing. */
  readonly foundIn: readonly Order[];
  readonly some?: Partial<RowCase>;
}

const changes: readonly Change[] = [
  {
    name: "the writer writes what is read, without publishing",
    edits: [
      ["this.#at + (next & COPY_MASK) * COPY_LENGTH;", "this.#at;"],
      [PUBLISH, ""],
    ],
    foundIn: ["sequential", "weak"],
  },
  { name: "one copy, published", edits: [["COPY_MASK = COPY_COUNT - 1", "COPY_MASK = 0"]], foundIn: ORDERS },
  {
    name: "two copies, checked as if four",
    edits: [
      [COPIES, "COPY_COUNT = 2"],
      [ACCEPT, "ahead >= 0 && ahead < 3"],
    ],
    foundIn: ORDERS,
  },
  {
    name: "published before it is filled",
    edits: [
      [FILL, ""],
      [PUBLISH, `${PUBLISH}\n${FILL}`],
    ],
    foundIn: ORDERS,
  },
  {
    name: "published by a plain store",
    edits: [[PUBLISH, "this.#sequences[this.#sequenceAt] = next;"]],
    foundIn: ["weak"],
  },
  {
    name: "published by an atomic store",
    edits: [[PUBLISH, "Atomics.store(this.#sequences, this.#sequenceAt, next);"]],
    foundIn: ["weak"],
  },
  {
    name: "pointed to by a plain read",
    edits: [[POINT, "this.#sequences[this.#sequenceAt] as number;"]],
    foundIn: ["weak"],
  },
  { name: "no second look", edits: [[ACCEPT, "true"]], foundIn: ORDERS },
  {
    name: "a second look by a plain read",
    edits: [[CHECK, "(this.#sequences[this.#sequenceAt] as number)"]],
    foundIn: ["weak"],
  },
  {
    name: "a second look by an atomic load",
    edits: [[CHECK, "Atomics.load(this.#sequences, this.#sequenceAt)"]],
    foundIn: ["weak"],
  },
  {
    name: "accepted when the writer is three ahead",
    edits: [[ACCEPT, "ahead >= 0 && ahead < COPY_COUNT"]],
    foundIn: ORDERS,
  },
  {
    name: "how far ahead, without going round",
    edits: [[AHEAD, `${CHECK} - published`]],
    foundIn: ORDERS,
    some: { firstSequence: 2 ** 31 - 2 },
  },
  {
    name: "a number that goes round within one try",
    edits: ofThreeBits,
    foundIn: ORDERS,
    some: { transitions: 8, reads: 1 },
  },
  {
    name: "a number that goes half round within one try, its sign not looked at",
    edits: [...ofThreeBits, [ACCEPT, "ahead < COPY_COUNT - 1"]],
    foundIn: ORDERS,
    some: { reads: 1 },
  },
];

test.each(changes)("a counterexample is found for: $name", async ({ name, edits, foundIn, some }) => {
  const protocol = changed(edits);
  const found = ORDERS.map((order) => {
    const { counterexample } = explore(rowModel({ ...usual, transitions: 6, ...some, protocol, order }), MAX_STATES);
    return { order, counterexample };
  });
  expect(found.filter(({ counterexample }) => counterexample !== null).map(({ order }) => order)).toEqual(foundIn);
  const printed = found.find(({ counterexample }) => counterexample !== null);
  const text = [`${name} (${printed?.order})`, ...(printed?.counterexample ?? [])].join("\n");
  await expect(`${text}\n`).toMatchFileSnapshot(`model/counterexamples/${name.replaceAll(/\W+/g, "-")}.txt`);
});

test("a sequence number is right as long as it does not go round within one try", () => {
  check({ protocol: changed(ofThreeBits), reads: 1, transitions: 7 }, { states: 4_761 });
});

test("two copies that are checked as two are as whole, and are only refused more often", () => {
  check({ protocol: changed([[COPIES, "COPY_COUNT = 2"]]), transitions: 5 }, { states: 83_657 });
});

test("a reader that is overtaken every time gives up after 256 tries", () => {
  const layout = { wordAt: () => null, sequenceAt: () => 0 };
  const next = steppable(layout, ({ words, sequences }) =>
    new StateRow(words, 0, sequences, 0).read(new Float64Array(COPY_LENGTH)),
  );
  const answers: number[] = [];
  let sequence = 0;
  for (let step = next(answers); "access" in step; step = next(answers)) {
    if (step.access.kind === "add") sequence += COPY_COUNT - 1;
    answers.push(sequence);
  }
  expect(next(answers)).toEqual({ result: false });
  expect(answers.length).toBe(2 * 256);
});
