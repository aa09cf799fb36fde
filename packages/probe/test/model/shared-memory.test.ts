import { expect, test } from "vitest";
import { explore } from "./explorer.ts";
import { type Access, initialMemory, type Memory, type Order, outcomes } from "./shared-memory.ts";

const [X, Y] = [0, 1];
const read = (location: number): Access => ({ kind: "read", location, value: 0 });
const write = (location: number, value: number): Access => ({ kind: "write", location, value });
const load = (location: number): Access => ({ kind: "load", location, value: 0 });
const store = (location: number, value: number): Access => ({ kind: "store", location, value });
const add = (location: number, value: number): Access => ({ kind: "add", location, value });

interface Litmus {
  readonly memory: Memory;
  readonly answers: readonly (readonly number[])[];
}

/** What threads that make these accesses, one after the other, can be answered: what is read by each, in order. */
function answersOf(threads: readonly (readonly Access[])[], order: Order): readonly string[] {
  const found = new Set<string>();
  const start: Litmus = { memory: initialMemory([0, 0], threads.length), answers: threads.map(() => []) };
  const stepsOf = (state: Litmus) =>
    threads.flatMap((accesses, thread) => {
      const access = accesses[(state.answers[thread] as readonly number[]).length];
      if (access === undefined) return [];
      return outcomes(state.memory, thread, access, order).map(({ memory, answer }) => ({
        label: "",
        next: { memory, answers: state.answers.with(thread, [...(state.answers[thread] as number[]), answer]) },
        broken: null,
      }));
    });
  explore(
    {
      start,
      key: JSON.stringify,
      steps: (state) => {
        const steps = stepsOf(state);
        if (steps.length > 0) return steps;
        const isRead = ({ kind }: Access) => kind !== "write" && kind !== "store";
        found.add(
          threads
            .map((accesses, t) => state.answers[t]?.filter((_, i) => isRead(accesses[i] as Access)).join(""))
            .join(" "),
        );
        return [];
      },
    },
    10_000,
  );
  return [...found].sort();
}

function check(threads: readonly (readonly Access[])[], expected: { sequential: string[]; weak: string[] }): void {
  expect({ sequential: answersOf(threads, "sequential"), weak: answersOf(threads, "weak") }).toEqual(expected);
}

test("a flag that is written plainly says nothing of what was written before it", () => {
  check(
    [
      [write(X, 1), write(Y, 1)],
      [read(Y), read(X)],
    ],
    {
      sequential: [" 00", " 01", " 11"],
      weak: [" 00", " 01", " 10", " 11"],
    },
  );
});

test("a flag that is read plainly says nothing of it either", () => {
  check(
    [
      [write(X, 1), store(Y, 1)],
      [read(Y), read(X)],
    ],
    {
      sequential: [" 00", " 01", " 11"],
      weak: [" 00", " 01", " 10", " 11"],
    },
  );
});

test("who finds an atomic flag by an atomic load finds what was written before it", () => {
  check(
    [
      [write(X, 1), store(Y, 1)],
      [load(Y), read(X)],
    ],
    {
      sequential: [" 00", " 01", " 11"],
      weak: [" 00", " 01", " 11"],
    },
  );
});

test("a plain write may pass the atomic store before it, but not the read-modify-write before it", () => {
  // What the second thread reads of x is younger than the y that it then finds.
  check(
    [
      [store(Y, 1), write(X, 1)],
      [read(X), add(Y, 0)],
    ],
    {
      sequential: [" 00", " 01", " 11"],
      weak: [" 00", " 01", " 10", " 11"],
    },
  );
  check(
    [
      [add(Y, 1), write(X, 1)],
      [read(X), add(Y, 0)],
    ],
    {
      sequential: ["0 00", "0 01", "0 11"],
      weak: ["0 00", "0 01", "0 11"],
    },
  );
});

test("a plain read may pass the atomic load after it", () => {
  check(
    [
      [add(Y, 1), write(X, 1)],
      [read(X), load(Y)],
    ],
    {
      sequential: ["0 00", "0 01", "0 11"],
      weak: ["0 00", "0 01", "0 10", "0 11"],
    },
  );
});

test("two plain reads of one location may go backward, two atomic ones may not", () => {
  check([[write(X, 1)], [read(X), read(X)]], { sequential: [" 00", " 01", " 11"], weak: [" 00", " 01", " 10", " 11"] });
  check([[store(X, 1)], [load(X), load(X)]], { sequential: [" 00", " 01", " 11"], weak: [" 00", " 01", " 11"] });
});

test("no read-modify-write is lost", () => {
  check([[add(X, 1)], [add(X, 1)]], { sequential: ["0 1", "1 0"], weak: ["0 1", "1 0"] });
});

test("a thread reads what it has written itself", () => {
  check([[write(X, 1), read(X)]], { sequential: ["1"], weak: ["1"] });
  check([[store(X, 1), load(X)], [add(X, 1)]], {
    sequential: ["1 0", "1 1", "2 1"],
    weak: ["1 0", "1 1", "2 1"],
  });
});

test("a model that is larger than was thought is not explored to the end of memory", () => {
  const counting = { start: 0, key: String, steps: (at: number) => [{ label: "", next: at + 1, broken: null }] };
  expect(() => explore(counting, 100)).toThrow("more than 100 states");
});
