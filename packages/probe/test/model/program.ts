import type { Access } from "./shared-memory.ts";

/** What a program does next, given what its accesses so far have answered. */
export type Next<Result> = { readonly access: Access } | { readonly result: Result };

/** Typed arrays whose elements are locations of the model. */
export interface SharedArrays {
  readonly words: Float64Array;
  readonly sequences: Int32Array;
}

/** The location of an element; null for one that the model leaves out: what is written there goes nowhere. */
export interface Layout {
  readonly wordAt: (index: number) => number | null;
  readonly sequenceAt: (index: number) => number | null;
}

/** Thrown through a program at the access that it makes next. */
class Pause extends Error {
  readonly access: Access;

  constructor(access: Access) {
    super("a program under the model must not catch");
    this.access = access;
  }
}

/**
 * Runs code as it is, one shared access at a time: from its beginning with the answers so far, up to the access that has
 * none yet. The code must depend on nothing else.
 */
export function steppable<Result>(
  layout: Layout,
  program: (arrays: SharedArrays) => Result,
): (answers: readonly number[]) => Next<Result> {
  const known = new Map<string, Next<Result>>();
  return (answers) => {
    const key = answers.join();
    const next = known.get(key) ?? nextAfter(layout, program, answers);
    known.set(key, next);
    return next;
  };
}

function nextAfter<Result>(
  layout: Layout,
  program: (arrays: SharedArrays) => Result,
  answers: readonly number[],
): Next<Result> {
  let answered = 0;
  const make = (kind: Access["kind"], location: number | null, value = 0): number => {
    if (location === null) return 0;
    if (answered === answers.length) throw new Pause({ kind, location, value });
    return answers[answered++] as number;
  };
  const words = arrayOf(layout.wordAt, make) as unknown as Float64Array;
  const sequences = arrayOf(layout.sequenceAt, make) as unknown as Int32Array;
  const at = (array: unknown, index: number) => {
    if (array !== sequences) throw new Error("the model has atomic accesses to the sequence numbers only");
    return layout.sequenceAt(index);
  };
  const own = globalThis.Atomics;
  // What code under the model calls, and no more: anything else fails by its name.
  globalThis.Atomics = {
    load: (array: unknown, index: number) => make("load", at(array, index)),
    store: (array: unknown, index: number, value: number) => make("store", at(array, index), value),
    add: (array: unknown, index: number, value: number) => make("add", at(array, index), value),
    exchange: (array: unknown, index: number, value: number) => make("exchange", at(array, index), value),
  } as unknown as typeof Atomics;
  try {
    return { result: program({ words, sequences }) };
  } catch (error) {
    if (error instanceof Pause) return { access: error.access };
    throw error;
  } finally {
    globalThis.Atomics = own;
  }
}

/** An array, or a part of one, whose elements are read and written by `make`. Its length is known where it is a part. */
function arrayOf(
  locationAt: (index: number) => number | null,
  make: (kind: Access["kind"], location: number | null, value?: number) => number,
  length?: number,
): object {
  const subarray = (from: number, to: number) => arrayOf((index) => locationAt(from + index), make, to - from);
  return new Proxy(Object.freeze({}), {
    get: (_, name) => {
      if (name === "subarray") return subarray;
      if (name === "length" && length !== undefined) return length;
      if (typeof name === "string" && /^\d+$/.test(name)) return make("read", locationAt(Number(name)));
      throw new Error(`the model knows no ${String(name)} of a shared array`);
    },
    set: (_, name, value: number) => {
      make("write", locationAt(Number(name)), value);
      return true;
    },
  });
}
