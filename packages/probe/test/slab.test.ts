import { expect, test } from "vitest";
import { DURATION_BUCKET_COUNT } from "../src/duration-buckets.ts";
import { LOSS_REASONS, lossIndex } from "../src/losses.ts";
import { COUNTER, HEADER, MAX_EDGES, MAX_ROWS, SLAB_BYTES, Slab, TEXT_BYTES } from "../src/slab.ts";
import { COPY_COUNT, COPY_LENGTH } from "../src/state-clock.ts";

const newSlab = () => new Slab(new SharedArrayBuffer(SLAB_BYTES));
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (of: Uint8Array) => new TextDecoder().decode(of);

test("no two parts of a slab share a word", () => {
  const slab = newSlab();
  const owners = new Map<number, string>();
  const own = (owner: string, at: number, length: number) => {
    for (let word = at; word < at + length; word++) {
      expect(owners.get(word), `word ${word}, wanted for ${owner}`).toBe(undefined);
      owners.set(word, owner);
    }
  };
  for (const [name, word] of Object.entries(HEADER)) own(name, word, 1);
  for (let row = 0; row < MAX_ROWS; row++) {
    for (const [name, word] of Object.entries(COUNTER)) own(`${name} of ${row}`, slab.rowAt(row) + word, 1);
    own(`states of ${row}`, slab.statesAt(row), COPY_COUNT * COPY_LENGTH);
    own(`first buckets of ${row}`, slab.bucketsAt(row, "first"), DURATION_BUCKET_COUNT);
    own(`second buckets of ${row}`, slab.bucketsAt(row, "second"), DURATION_BUCKET_COUNT);
  }
  expect(Math.max(...owners.keys())).toBeLessThan(slab.words.length);
});

test("a slab that is filled to its limits gives everything back", () => {
  const slab = newSlab();
  slab.name = "worker 1";
  slab.roleCode = 2;
  slab.setHeader(HEADER.osThreadId, 4711);
  const longest = "x".repeat(TEXT_BYTES);
  for (let row = 0; row < MAX_ROWS; row++) {
    expect(slab.addRow(bytes(row % 2 === 0 ? longest : `row ${row}`))).toBe(row);
    slab.words.fill(row, slab.rowAt(row), slab.bucketsAt(row, "second") + DURATION_BUCKET_COUNT);
  }
  for (let edge = 0; edge < MAX_EDGES; edge++) {
    expect(slab.addEdge(edge % MAX_ROWS, (edge * 7) % MAX_ROWS)).toBe(true);
  }
  for (const reason of LOSS_REASONS) slab.lose(lossIndex(reason));

  expect(slab.addRow(bytes("one too many"))).toBe(null);
  expect(slab.addEdge(0, 1)).toBe(false);
  const seen = new Slab(slab.words.buffer as SharedArrayBuffer);
  expect(seen.rowCount).toBe(MAX_ROWS);
  expect(seen.name).toBe("worker 1");
  expect(seen.roleCode).toBe(2);
  expect(seen.header(HEADER.osThreadId)).toBe(4711);
  for (let row = 0; row < MAX_ROWS; row++) {
    expect(text(seen.text(row))).toBe(row % 2 === 0 ? longest : `row ${row}`);
    expect(seen.words[seen.rowAt(row)]).toBe(row);
  }
  expect(seen.edges()).toEqual(
    Array.from({ length: MAX_EDGES }, (_, edge) => ({ fromRow: edge % MAX_ROWS, toRow: (edge * 7) % MAX_ROWS })),
  );
  expect(Array.from(seen.losses())).toEqual(LOSS_REASONS.map(() => 1));
});

test("a definition that is too long opens no row", () => {
  const slab = newSlab();
  expect(slab.addRow(bytes("x".repeat(TEXT_BYTES + 1)))).toBe(null);
  expect(slab.rowCount).toBe(0);
});

test.each([
  ["worker 1", "worker 1"],
  ["", ""],
  ["Färberei 染色 🧵", "Färberei 染色 🧵"],
  ["n".repeat(200), "n".repeat(55)],
  // 18 characters of three bytes are 54 bytes; half a character would not be text.
  ["染".repeat(30), "染".repeat(18)],
])("a thread called %s is remembered as %s", (given, remembered) => {
  const slab = newSlab();
  slab.name = given;
  expect(slab.name).toBe(remembered);
});
