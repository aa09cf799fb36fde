import { expect, test } from "vitest";
import { ARENA_BYTES, Arena } from "../src/arena.ts";
import { DURATION_BUCKET_COUNT } from "../src/duration-buckets.ts";
import {
  COUNTER,
  MAX_ROWS,
  MAX_SEGMENTS,
  ROW_BYTES,
  ROW_PHASE,
  SEGMENT_EDGES,
  SEGMENT_ROWS,
  Slab,
  TEXT_BYTES,
} from "../src/slab.ts";
import { MAX_THREADS, slotAt } from "../src/slot-memory.ts";
import { COPY_COUNT, COPY_LENGTH } from "../src/state-clock.ts";
import { ThreadSlot } from "../src/thread-slot.ts";

const newArena = () => new Arena(new SharedArrayBuffer(ARENA_BYTES));
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (of: Uint8Array) => new TextDecoder().decode(of);

/** Fills a slab; numbers of its rows. */
function filled(slab: Slab): number[] {
  const rows: number[] = [];
  for (;;) {
    const row = slab.addRow(bytes(`row ${rows.length}`));
    if (row === null) return rows;
    rows.push(row);
  }
}

test("no two parts of the arena share a byte", () => {
  const arena = newArena();
  const ends: (readonly [from: number, to: number, owner: string])[] = [];
  const own = (owner: string, from: number, length: number) => ends.push([from, from + length, owner]);
  own("control", 0, 12);
  for (const slot of [0, 1, MAX_THREADS - 1]) own(`slot ${slot}`, slotAt(slot), 33 * 8);
  for (const slot of [0, 1]) {
    const slab = new Slab(arena, slot, "writer");
    for (const row of filled(slab).slice(0, 100)) {
      for (const [name, word] of Object.entries(COUNTER)) own(`${name} of ${row}`, (slab.rowAt(row) + word) * 8, 8);
      own(`states of ${row}`, slab.statesAt(row) * 8, COPY_COUNT * COPY_LENGTH * 8);
      own(`first buckets of ${row}`, slab.bucketsAt(row, "first") * 8, DURATION_BUCKET_COUNT * 8);
      own(`second buckets of ${row}`, slab.bucketsAt(row, "second") * 8, DURATION_BUCKET_COUNT * 8);
      own(`text of ${row}`, (slab.bucketsAt(row, "second") + DURATION_BUCKET_COUNT) * 8, TEXT_BYTES + 4);
      own(`sequence of ${row}`, slab.sequenceAt(row) * 4, 4);
    }
  }
  ends.sort((a, b) => a[0] - b[0]);
  for (const [at, [from, , owner]] of ends.entries()) {
    const [, before = 0, other] = ends[at - 1] ?? [];
    expect(from, `${owner} begins within ${other}`).toBeGreaterThanOrEqual(before);
  }
  expect(ends.at(-1)?.[1]).toBeLessThanOrEqual(ARENA_BYTES);
});

test("a slab grows by segments up to its limit, and every row keeps what it was opened with", () => {
  const arena = newArena();
  const slab = new Slab(arena, 3, "writer");
  const rows = filled(slab);
  expect(rows).toHaveLength(MAX_ROWS);
  expect(new Set(rows).size).toBe(MAX_ROWS);
  expect(arena.segmentsOf(3)).toHaveLength(MAX_SEGMENTS);
  const seen = new Slab(arena, 3, "another-thread");
  expect(rows.map((row) => text(seen.text(row)))).toEqual(rows.map((_, at) => `row ${at}`));
  expect(seen.rows().map(([row]) => row)).toEqual([...rows].sort((a, b) => a - b));
});

test("a slab that is full has room again for a row that is given back, and for its overflow always", () => {
  const arena = newArena();
  const slab = new Slab(arena, 0, "writer");
  const rows = filled(slab);
  expect(slab.isFull).toBe(true);
  expect(slab.addOverflowRow(bytes("others"))).not.toBe(slab.sinkRow);
  const [, row = -1] = rows;
  slab.closeRow(row, 5);
  expect(slab.addRow(bytes("too early"))).toBeNull();
  slab.freeRow(row);
  arena.noteFreed();
  expect(slab.isFull).toBe(false);
  expect(slab.addRow(bytes("in its place"))).toBe(row);
  expect(text(slab.text(row))).toBe("in its place");
  expect(slab.words[slab.rowAt(row) + COUNTER.closedAtMs]).toBe(0);
});

test("threads that want more segments than there are share them, and each keeps its own first one", () => {
  const arena = newArena();
  const slabs = Array.from({ length: 8 }, (_, slot) => new Slab(arena, slot, "writer"));
  const counts = slabs.map((slab) => filled(slab).length);
  expect(counts.slice(0, 5)).toEqual(new Array(5).fill(MAX_ROWS));
  expect(counts.at(-1)).toBe(SEGMENT_ROWS - 2);
  const owned = slabs.flatMap((_, slot) => arena.segmentsOf(slot));
  expect(new Set(owned).size).toBe(owned.length);
  for (const [row] of (slabs[0] as Slab).rows()) (slabs[0] as Slab).freeRow(row);
  arena.shrink(0);
  expect(arena.segmentsOf(0)).toEqual([0]);
  expect(filled(slabs[7] as Slab).length).toBe((MAX_SEGMENTS - 1) * SEGMENT_ROWS);
});

test("a thousand stages on each of eight threads have room, in less than 64 MB that are touched", () => {
  const arena = newArena();
  const slabs = Array.from({ length: 8 }, (_, slot) => new Slab(arena, slot, "writer"));
  for (const slab of slabs) for (let at = 0; at < 1000; at++) expect(slab.addRow(bytes(`${at}`))).not.toBeNull();
  expect(8 * 1000 * ROW_BYTES).toBeLessThan(40e6);
  expect(ARENA_BYTES).toBeLessThan(64 * 2 ** 20);
});

test("edges are given back with the rows that they join, and no others", () => {
  const slab = new Slab(newArena(), 2, "writer");
  const [a = 0, b = 0, c = 0] = ["a", "b", "c"].map((name) => slab.addRow(bytes(name)) ?? -1);
  for (const [from, to] of [[a, b] as const, [b, c] as const, [a, c] as const])
    expect(slab.addEdge(from, to)).toBe(true);
  slab.forgetEdges(new Set([b]));
  expect(slab.edges()).toEqual([{ fromRow: a, toRow: c }]);
  for (let edge = 1; edge < SEGMENT_EDGES; edge++) expect(slab.addEdge(a, c)).toBe(true);
  expect(slab.addEdge(a, c)).toBe(false);
});

test("a definition that is too long opens no row", () => {
  const slab = new Slab(newArena(), 0, "writer");
  expect(slab.addRow(bytes("x".repeat(TEXT_BYTES + 1)))).toBe(null);
  expect(slab.rows()).toEqual([]);
  const row = slab.addRow(bytes("x".repeat(TEXT_BYTES))) as number;
  expect(slab.rows()).toEqual([[row, ROW_PHASE.open]]);
  expect(text(slab.text(row))).toBe("x".repeat(TEXT_BYTES));
});

test.each([
  ["worker 1", "worker 1"],
  ["", ""],
  ["Färberei 染色 🧵", "Färberei 染色 🧵"],
  ["n".repeat(200), "n".repeat(55)],
  // 18 characters of three bytes are 54 bytes; half a character would not be text.
  ["染".repeat(30), "染".repeat(18)],
])("a thread called %s is remembered as %s", (name, remembered) => {
  const slot = new ThreadSlot(newArena(), 5);
  slot.claim({ name, osThreadId: null, workerId: 1 }, false);
  expect(slot.name).toBe(remembered);
});
