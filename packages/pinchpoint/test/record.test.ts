import { Recorder, SELF, type Snapshot, STARVED } from "@pinchpoint/probe";
import { ExponentialHistogram } from "@pinchpoint/sketch";
import { type RecordingHeader, type RecordingSnapshot, validateLine } from "@pinchpoint/verdict";
import { expect, test } from "vitest";
import { RecordingWriter } from "../src/record.ts";

const READINGS = {
  threads: [{ thread: 0, cpuSeconds: 1, runQueueSeconds: null, loopActiveSeconds: 2, loopIdleSeconds: 3 }],
  process: { cpuSeconds: 4, runQueueSeconds: null },
};

function writer(): RecordingWriter {
  return new RecordingWriter({
    pid: 7,
    machine: { cores: 1.5, node: "v24.0.0", platform: "linux" },
    clockOriginMs: 1_000_000,
  });
}

function recorded() {
  const clock = { nowMs: 0 };
  const identity = { name: "main", osThreadId: null, workerId: 0 };
  const recorder = Recorder.forProcess({ nowMs: () => clock.nowMs, idleMs: () => 0 }, identity);
  const decode = recorder.openStage({ pipeline: "etl", name: "decode", role: "stage", workers: 2 });
  if (decode === null) throw new TypeError("no room in a new recorder");
  return { recorder, decode, clock };
}

function handOver({ decode, clock }: ReturnType<typeof recorded>, durationMs: number): void {
  decode.enter(STARVED, clock.nowMs);
  decode.move(STARVED, SELF, clock.nowMs);
  decode.arrived(3);
  clock.nowMs += durationMs;
  decode.leave(SELF, clock.nowMs);
  decode.finished(3, durationMs);
  decode.emitted(2);
}

test("a snapshot becomes a line of the format, on the clock that all processes share", () => {
  const source = recorded();
  handOver(source, 250);
  const lines = writer().lines(source.recorder.snapshot(), READINGS, true);
  for (const [index, line] of lines.entries()) validateLine(JSON.parse(JSON.stringify(line)), index + 1);
  const [header, snapshot] = lines as [RecordingHeader, RecordingSnapshot];
  expect(header.stages).toEqual([{ id: 0, pipeline: "etl", name: "decode", role: "stage", workers: 2 }]);
  expect(header.processes).toEqual([{ id: 0, pid: 7 }]);
  expect(snapshot.atSeconds).toBe(1000.25);
  expect(snapshot.stages[0]).toMatchObject({ units: 1, arrived: 3, items: 3, emitted: 2 });
  expect(snapshot.stages[0]?.stateSeconds).toEqual([0, 0.25, 0, 0, 0, 0]);
  expect(snapshot.threads).toEqual(READINGS.threads);
  expect(snapshot.processes).toEqual([{ process: 0, ...READINGS.process }]);
});

test("durations are told every ten seconds, at the beginning of a file, and by the last snapshot", () => {
  const source = recorded();
  const written = writer();
  const toldAt = (durationMs: number, isLast = false): boolean => {
    handOver(source, durationMs);
    const snapshot = written.lines(source.recorder.snapshot(), READINGS, isLast).at(-1) as RecordingSnapshot;
    return snapshot.stages[0]?.duration !== null;
  };
  expect(toldAt(1000)).toBe(true);
  expect(toldAt(9999)).toBe(false);
  expect(toldAt(1)).toBe(true);
  expect(toldAt(1000)).toBe(false);
  expect(toldAt(1000, true)).toBe(true);
  expect(toldAt(1000)).toBe(false);
  written.beginFile();
  expect(toldAt(1000)).toBe(true);
});

test("durations are written as a sketch, and nothing as null", () => {
  const source = recorded();
  const before = writer().lines(source.recorder.snapshot(), READINGS, true)[1] as RecordingSnapshot;
  expect(before.stages[0]?.duration).toBeNull();
  for (const durationMs of [100, 100, 100]) handOver(source, durationMs);
  const after = writer().lines(source.recorder.snapshot(), READINGS, true)[1] as RecordingSnapshot;
  const histogram = ExponentialHistogram.decode(Buffer.from(after.stages[0]?.duration ?? "", "base64"));
  expect(histogram.count).toBe(3);
  expect(histogram.sum).toBeCloseTo(0.3, 9);
  expect(histogram.quantile(0.5)?.value).toBeCloseTo(0.1, 2);
});

test("the header comes again when the graph has grown, and at the beginning of a file", () => {
  const source = recorded();
  const kinds = (lines: readonly { kind: string }[]) => lines.map(({ kind }) => kind);
  const written = writer();
  expect(kinds(written.lines(source.recorder.snapshot(), READINGS, true))).toEqual(["header", "snapshot"]);
  expect(kinds(written.lines(source.recorder.snapshot(), READINGS, true))).toEqual(["snapshot"]);
  source.recorder.openStage({ pipeline: "etl", name: "store", role: "sink" });
  expect(kinds(written.lines(source.recorder.snapshot(), READINGS, true))).toEqual(["header", "snapshot"]);
  written.beginFile();
  expect(kinds(written.lines(source.recorder.snapshot(), READINGS, true))).toEqual(["header", "snapshot"]);
});

test("workers are declared for each thread: those that were there at once count, those that came later do not", () => {
  const source = recorded();
  const one = source.recorder.snapshot();
  const row = one.stageRows[0] as (typeof one.stageRows)[0];
  const thread = (id: number, endedAtMs: number | null) => ({
    ...(one.threads[0] as (typeof one.threads)[0]),
    id,
    endedAtMs,
  });
  const two: Snapshot = {
    ...one,
    threads: [thread(0, null), thread(1, null)],
    stageRows: [row, { ...row, thread: 1 }],
  };
  const replaced: Snapshot = {
    ...one,
    threads: [thread(0, null), thread(1, 5), thread(2, null)],
    stageRows: [row, { ...row, thread: 1 }, { ...row, thread: 2 }],
  };
  const written = writer();
  const workers = [one, two, replaced].map((snapshot) => {
    written.beginFile();
    return (written.lines(snapshot, READINGS, true)[0] as RecordingHeader).stages[0]?.workers;
  });
  expect(workers).toEqual([2, 4, 4]);
});
