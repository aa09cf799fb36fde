import { appendFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { judge, validateLine } from "@pinchpoint/verdict";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HandOver } from "../src/hand-over.ts";
import { HandOverReader } from "../src/hand-over-reader.ts";
import { header, snapshot } from "./recordings.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pinchpoint-hand-over-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const HEADER = `${JSON.stringify(header())}\n`;

function line(atSeconds: number): string {
  return `${JSON.stringify(snapshot(atSeconds, { units: atSeconds }))}\n`;
}

function timesRead(reader: HandOverReader): number[] {
  return reader.recordings().flatMap(({ snapshots }) => snapshots.map(({ atSeconds }) => atSeconds));
}

test("what one process writes the other reads, in parts and across segments, and reading makes room", () => {
  const handOver = new HandOver({ folder, key: "7-a", segmentBytes: 2000, segmentCount: 3 });
  const reader = new HandOverReader(folder);
  expect(handOver.write(HEADER)).toBe(true);
  for (let at = 1; at <= 40; at += 1) {
    expect(handOver.write(line(at))).toBe(true);
    reader.collect();
  }
  expect(timesRead(reader)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  expect(readdirSync(folder)).toHaveLength(1);
});

test("where nobody reads, what lies there stays bounded, and each loss is told to the caller", () => {
  const handOver = new HandOver({ folder, key: "7-a", segmentBytes: 2000, segmentCount: 3 });
  const written = [HEADER, ...Array.from({ length: 40 }, (_, at) => line(at))].filter((text) => handOver.write(text));
  expect(readdirSync(folder)).toHaveLength(3);
  expect(written.length).toBeLessThan(30);
  const reader = new HandOverReader(folder);
  reader.collect();
  reader.collect();
  expect(readdirSync(folder)).toHaveLength(1);
  expect(handOver.write(line(50))).toBe(true);
  reader.collect();
  expect(timesRead(reader).at(-1)).toBe(50);
});

test("a line whose end is not there yet is read when it is", () => {
  const reader = new HandOverReader(folder);
  const text = HEADER + line(1);
  for (const [from, to] of [
    [0, 10],
    [10, text.length - 5],
    [text.length - 5, text.length],
  ]) {
    appendFileSync(join(folder, "7-a.0.jsonl"), text.slice(from, to));
    reader.collect();
  }
  expect(timesRead(reader)).toEqual([1]);
});

test("a line that was cut off when the writer died is left out, and a damaged one is counted", () => {
  const file = join(folder, "7-a.0.jsonl");
  appendFileSync(file, `${HEADER}${line(1)}{"kind":\n${line(2)}${line(3).slice(0, 40)}`);
  const reader = new HandOverReader(folder);
  reader.collect();
  expect(timesRead(reader)).toEqual([1, 2]);
  expect(reader.recordings()[0]?.droppedLines).toBe(1);
});

test("a folder that is gone is a loss, not an error in the application", () => {
  const handOver = new HandOver({ folder: join(folder, "gone"), key: "7-a" });
  expect(handOver.write(HEADER)).toBe(false);
});

test("files of others in the folder are left alone", () => {
  appendFileSync(join(folder, "note-node"), "");
  const reader = new HandOverReader(folder);
  reader.collect();
  expect(reader.recordings()).toEqual([]);
  expect(readdirSync(folder)).toEqual(["note-node"]);
});

test("a run of hours keeps its first and its newest snapshot in bounded memory", () => {
  const file = join(folder, "7-a.0.jsonl");
  const lines = Array.from({ length: 9001 }, (_, at) => line(at));
  appendFileSync(file, HEADER);
  const reader = new HandOverReader(folder);
  for (let at = 0; at < lines.length; at += 1000) {
    appendFileSync(file, lines.slice(at, at + 1000).join(""));
    reader.collect();
  }
  const times = timesRead(reader);
  expect(times.length).toBeLessThan(4100);
  expect(times.at(-1)).toBe(9000);
  expect(times[0]).toBeLessThan(8);
});

test("lines of the tests are lines of a recording", () => {
  expect(() => validateLine(header(), 1)).not.toThrow();
  expect(() => validateLine(snapshot(1), 2)).not.toThrow();
  expect(judge({ header: header(), snapshots: [snapshot(0), snapshot(1)] })[0]?.kind).toBe("unsure");
});
