import type { SpaceBytes } from "./thread-board.ts";

/** The part of `node:v8` that is read. */
export interface HeapReading {
  readonly limitBytes: number;
  readonly spaces: readonly { readonly name: string; readonly used: number; readonly size: number }[];
}

export type HeapSource = () => HeapReading;

/** Objects that have survived a collection or two; the rest is the young generation, and what V8 itself is built from. */
const NOT_OLD = /^(?:new_|read_only_|shared_)/;

export interface OldGeneration {
  /** What V8 holds for it, in use or not. */
  readonly bytes: number;
  readonly limitBytes: number;
  readonly spaces: readonly SpaceBytes[];
}

/**
 * V8's limit is one of the old generation. Where V8 alone tells it, the young generation's is part of it: up to 192 MB.
 * What V8 holds counts, not what is in use: with much of it in pages that are half empty, it is as full.
 */
export function oldGenerationOf({ limitBytes, spaces }: HeapReading): OldGeneration {
  const old = spaces.filter(({ name }) => !NOT_OLD.test(name));
  return {
    bytes: old.reduce((sum, { size }) => sum + size, 0),
    limitBytes,
    spaces: spaces.map(({ used, size }) => ({ used, size })),
  };
}

/** The calling thread's heap; costs about 20 µs. */
export function systemHeap(): HeapReading {
  // Not imported: most threads never ask.
  const v8 = process.getBuiltinModule("node:v8");
  return {
    limitBytes: v8.getHeapStatistics().heap_size_limit,
    spaces: v8.getHeapSpaceStatistics().map(({ space_name, space_used_size, space_size }) => ({
      name: space_name,
      used: space_used_size,
      size: space_size,
    })),
  };
}

/** Names of the heap's spaces, in V8's order; the same in all threads. */
export function spaceNames(): readonly string[] {
  return systemHeap().spaces.map(({ name }) => name);
}

const OLD_SPACE_OPTION = /^--max[-_]old[-_]space[-_]size=(\d+)$/;
const MEGABYTE = 1024 * 1024;

/**
 * The limit that Node was started with, in bytes; the last one counts. Null where none was given.
 *
 * @param options - Node's own, such as `--max-old-space-size=4096`
 */
export function givenHeapLimit(options: readonly string[]): number | null {
  const megabytes = options.flatMap((option) => OLD_SPACE_OPTION.exec(option)?.[1] ?? []).map(Number);
  const last = megabytes.findLast((one) => one > 0);
  return last === undefined ? null : last * MEGABYTE;
}
