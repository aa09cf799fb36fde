import type { Recording, RecordingHeader } from "@pinchpoint/verdict";
import { parseRecording } from "@pinchpoint/verdict";
import { expect, test } from "vitest";
import { mergeRecordings } from "../src/merge.ts";
import { recordingText } from "../src/recording-file.ts";
import { header, snapshot } from "./recordings.ts";

/** A process that finishes `rate` units a second from `from` to `to`, with one snapshot a second. */
function recording(
  pid: number,
  from: number,
  to: number,
  rate: number,
  changes: Partial<RecordingHeader> = {},
): Recording {
  const snapshots = [];
  for (let at = from; at <= to; at += 1) snapshots.push(snapshot(at, { units: (at - from) * rate }));
  return { header: { ...header(pid), ...changes }, snapshots };
}

function unitsAt(merged: Recording | null, atSeconds: number): number {
  const rows = merged?.snapshots.find((one) => one.atSeconds === atSeconds)?.stages ?? [];
  return rows.filter(({ stage }) => stage === 0).reduce((sum, { units }) => sum + units, 0);
}

test("one process stays what it is", () => {
  const one = recording(7, 100, 105, 10);
  expect(mergeRecordings([one])).toEqual({ ...one, droppedLines: 0 });
});

test("what the last header does not tell any more, since it was closed long ago, is left out", () => {
  const one = recording(1, 100, 104, 10, { edges: [], stages: header(1).stages.slice(0, 1) });
  const merged = mergeRecordings([one]);
  expect(merged?.snapshots.map(({ stages }) => stages.map(({ stage }) => stage))).toEqual(Array(5).fill([0]));
  expect(merged?.snapshots.flatMap(({ resources }) => resources)).toEqual([]);
  expect(unitsAt(merged, 104)).toBe(40);
});

test("servers of two ports are two stages, and workers that share a port are one", () => {
  const serving = (pid: number, port: number) => {
    const one = recording(pid, 100, 104, 10);
    const stages = one.header.stages.map((stage) => ({ ...stage, port }));
    return { ...one, header: { ...one.header, stages } };
  };
  const merged = mergeRecordings([serving(1, 8080), serving(2, 8080), serving(3, 9090)]);
  expect(merged?.header.stages.map(({ name, port }) => [name, port])).toEqual([
    ["read", 8080],
    ["store", 8080],
    ["read", 9090],
    ["store", 9090],
  ]);
});

test("processes that handed over nothing are left out, and where that is all of them there is nothing", () => {
  const npm = recording(1, 100, 110, 0);
  const app = recording(2, 101, 105, 10);
  expect(mergeRecordings([npm, app])?.header.processes).toEqual([{ id: 0, pid: 2 }]);
  expect(mergeRecordings([npm])).toBeNull();
  expect(mergeRecordings([])).toBeNull();
});

test("the same stage in two processes is one stage on two threads, and what ended keeps its last values", () => {
  const merged = mergeRecordings([recording(1, 100, 104, 10), recording(2, 102, 108, 100)]);
  expect(merged?.header.stages.map(({ name, workers }) => [name, workers])).toEqual([
    ["read", null],
    ["store", 8],
  ]);
  expect(merged?.header.threads).toHaveLength(2);
  expect(merged?.header.edges).toEqual([{ from: 0, to: 1 }]);
  expect(merged?.header.resources).toHaveLength(1);
  expect([101, 104, 108].map((at) => unitsAt(merged, at))).toEqual([10, 40 + 200, 40 + 600]);
});

test("stages of other pipelines stay apart", () => {
  const other = header(2, "other");
  const merged = mergeRecordings([recording(1, 100, 104, 10), recording(2, 100, 104, 10, { stages: other.stages })]);
  expect(merged?.header.stages.map(({ id, pipeline }) => [id, pipeline])).toEqual([
    [0, "etl"],
    [1, "etl"],
    [2, "other"],
    [3, "other"],
  ]);
});

test("moments that lie close together become one, and the last one stays", () => {
  const merged = mergeRecordings([recording(1, 100, 104, 10), recording(2, 100.25, 104.25, 10)]);
  expect(merged?.snapshots.map(({ atSeconds }) => atSeconds)).toEqual([100, 101, 102, 103, 104, 104.25]);
  expect(merged?.snapshots.at(-1)?.stages).toHaveLength(4);
});

test("losses of all processes add up", () => {
  const losing = (pid: number, count: number): Recording => {
    const recorded = recording(pid, 100, 101, 10);
    return { ...recorded, snapshots: recorded.snapshots.map((line) => ({ ...line, losses: { "hand-over": count } })) };
  };
  expect(mergeRecordings([losing(1, 1), losing(2, 2)])?.snapshots.at(-1)?.losses).toEqual({ "hand-over": 3 });
});

test("what is merged can be written and read", () => {
  const merged = mergeRecordings([recording(1, 100, 104, 10), recording(2, 102, 108, 100)]) as Recording;
  expect(parseRecording(recordingText(merged)).snapshots).toEqual(merged.snapshots);
});
