import fc from "fast-check";
import { expect, test } from "vitest";
import { judge } from "../src/judge.ts";
import { parseRecording } from "../src/read-recording.ts";
import { type Recording, type RecordingSnapshot, STATES } from "../src/recording.ts";
import { renderVerdict } from "../src/render.ts";
import type { Verdict } from "../src/verdict.ts";
import { randomPipeline } from "./random-pipelines.ts";
import { recordingOf, sideBySide, toText } from "./recordings.ts";

/** A fixed seed: near a threshold a change of the last digit may turn an answer. */
const RUNS = { numRuns: 30, seed: 20 };
const seeds = fc.integer({ min: 1, max: 400 });

const simulated = (seed: number, luck = 1): Recording =>
  recordingOf({ stages: randomPipeline(seed), seconds: 6, seed: seed + luck });

function answers(recording: Recording): unknown[] {
  return judge(recording).map(({ kind, entity, stage, tied }) => ({ kind, entity, stage, tied }));
}

test("time has no unit: milliseconds and hours give one verdict", () => {
  fc.assert(
    fc.property(seeds, fc.constantFrom(2 ** -10, 2 ** -3, 2 ** 6, 2 ** 12), (seed, factor) => {
      const recording = simulated(seed);
      expect(answers(scaled(recording, factor))).toEqual(answers(recording));
    }),
    RUNS,
  );
});

test("ids and the order of rows mean nothing", () => {
  fc.assert(
    fc.property(seeds, fc.integer(), (seed, salt) => {
      const recording = sideBySide(simulated(seed), simulated(seed, 3), simulated(seed, 7));
      expect(judge(shuffled(recording, salt))).toEqual(judge(recording));
    }),
    RUNS,
  );
});

test("two processes that do the same as one get its verdict, at twice the rate", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const one = simulated(seed);
      // Twice the units may be enough where half of them are too few.
      fc.pre(judge(one)[0]?.kind !== "unsure");
      const two = sideBySide(one, one);
      expect(answers(two)).toEqual(answers(one));
      const rates = [two, one].map((recording) => judge(recording)[0]?.throughput?.perSecond ?? 0);
      // Not exactly twice: with more units the window is cut into finer parts.
      const ratio = (rates[0] ?? 0) / (rates[1] ?? 1);
      expect(ratio).toBeGreaterThan(1.8);
      expect(ratio).toBeLessThan(2.2);
    }),
    RUNS,
  );
});

test("stages that had no room of their own, and those that are forgotten, change no verdict of the others", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const recording = simulated(seed);
      const [overflow, forgotten] = [1000, 1001];
      const header = {
        ...recording.header,
        stages: [
          ...recording.header.stages,
          { id: overflow, pipeline: "others", name: "others", role: "stage", workers: null, isOverflow: true } as const,
        ],
      };
      const snapshots = recording.snapshots.map((snapshot, at) => {
        const idle = { ...snapshot.stages[0], stateSeconds: STATES.map(() => 0), stateWorkers: STATES.map(() => 0) };
        const row = {
          ...idle,
          loopHeldSeconds: 0,
          loopHeldSquared: 0,
          loopOverlapSeconds: 0,
        } as (typeof snapshot.stages)[0];
        const more = [
          { ...row, stage: overflow, units: 100_000 * at, items: 100_000 * at },
          { ...row, stage: forgotten, units: 100_000 * at },
        ];
        return { ...snapshot, stages: [...snapshot.stages, ...(at === 0 ? more.slice(0, 1) : more)] };
      });
      expect(judge({ header, snapshots })).toEqual(judge(recording));
      const alone = { ...header, edges: [], stages: header.stages.filter(({ id }) => id === overflow) };
      expect(judge({ header: alone, snapshots })).toMatchObject([{ kind: "unsure", pipeline: "others" }]);
    }),
    { ...RUNS, numRuns: 10 },
  );
});

test("whatever is in a valid recording, there is a verdict of finite numbers, in at most 100 columns", () => {
  fc.assert(
    fc.property(recordings(), (recording) => {
      const verdicts = judge(parseRecording(toText(recording)));
      expect(verdicts.length).toBeGreaterThan(0);
      for (const verdict of verdicts) {
        // JSON turns NaN and infinities into null, so that a round trip finds them.
        expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict);
        expect(verdict.confidence.score).toBeGreaterThanOrEqual(0);
        expect(verdict.confidence.score).toBeLessThanOrEqual(1);
        isConsistent(verdict);
        for (const line of renderVerdict(verdict).split("\n")) expect(line.length).toBeLessThanOrEqual(100);
      }
    }),
    { numRuns: 300 },
  );
});

function isConsistent(verdict: Verdict): void {
  expect(verdict.entity === null).toBe(verdict.kind === "unsure");
  expect(verdict.missing.length > 0).toBe(verdict.kind === "unsure");
  expect(verdict.tied.length).toBe(verdict.kind === "balanced" ? 2 : 0);
  for (const action of verdict.actions) {
    expect(action.low).toBeLessThanOrEqual(action.predictedThroughput);
    expect(action.high).toBeGreaterThanOrEqual(action.predictedThroughput);
  }
}

function mapSnapshots(recording: Recording, change: (snapshot: RecordingSnapshot) => RecordingSnapshot): Recording {
  return { ...recording, snapshots: recording.snapshots.map(change) };
}

/** Powers of two only: then no float rounds differently. */
function scaled(recording: Recording, factor: number): Recording {
  const times = (value: number | null): number | null => (value === null ? null : value * factor);
  return mapSnapshots(recording, (snapshot) => ({
    ...snapshot,
    atSeconds: snapshot.atSeconds * factor,
    stages: snapshot.stages.map((row) => ({
      ...row,
      stateSeconds: row.stateSeconds.map((seconds) => seconds * factor),
      loopHeldSeconds: row.loopHeldSeconds * factor,
      loopHeldSquared: row.loopHeldSquared * factor ** 2,
      loopOverlapSeconds: row.loopOverlapSeconds * factor,
    })),
    threads: snapshot.threads.map((row) => ({
      thread: row.thread,
      cpuSeconds: times(row.cpuSeconds),
      runQueueSeconds: times(row.runQueueSeconds),
      loopActiveSeconds: times(row.loopActiveSeconds),
      loopIdleSeconds: times(row.loopIdleSeconds),
    })),
    processes: snapshot.processes.map((row) => ({
      process: row.process,
      cpuSeconds: times(row.cpuSeconds),
      runQueueSeconds: times(row.runQueueSeconds),
    })),
  }));
}

function shuffled(recording: Recording, salt: number): Recording {
  const id = (old: number): number => (old * 7 + (Math.abs(salt) % 5) + 3) % 101;
  const turned = <Row>(rows: readonly Row[]): Row[] =>
    salt % 2 === 0 ? [...rows].reverse() : [...rows.slice(1), ...rows.slice(0, 1)];
  const { header } = recording;
  return {
    header: {
      ...header,
      processes: header.processes.map((row) => ({ ...row, id: id(row.id) })),
      threads: turned(header.threads.map((row) => ({ ...row, id: id(row.id), process: id(row.process) }))),
      stages: turned(header.stages.map((row) => ({ ...row, id: id(row.id) }))),
      edges: turned(header.edges.map((row) => ({ from: id(row.from), to: id(row.to) }))),
    },
    snapshots: recording.snapshots.map((snapshot) => ({
      ...snapshot,
      stages: turned(snapshot.stages.map((row) => ({ ...row, stage: id(row.stage), thread: id(row.thread) }))),
      threads: snapshot.threads.map((row) => ({ ...row, thread: id(row.thread) })),
      processes: snapshot.processes.map((row) => ({ ...row, process: id(row.process) })),
    })),
  };
}

/** Any valid recording: also graphs with cycles, platforms that tell nothing, and numbers that fit nowhere. */
function recordings(): fc.Arbitrary<Recording> {
  const amount = fc.double({ min: 0, max: 1e3, noNaN: true });
  const orNull = fc.option(amount, { nil: null });
  const perState = fc.array(amount, { minLength: STATES.length, maxLength: STATES.length });
  const id = fc.integer({ min: 0, max: 2 });
  const stageRow = fc.record({
    stage: id,
    thread: fc.integer({ min: 0, max: 1 }),
    units: fc.integer({ min: 0, max: 500 }),
    arrived: amount,
    items: amount,
    errors: amount,
    dropped: amount,
    emitted: amount,
    stateSeconds: perState,
    stateWorkers: perState,
    loopHeldSeconds: amount,
    loopHeldSquared: amount,
    loopOverlapSeconds: amount,
    duration: fc.constant(null),
  });
  const snapshot = fc.record({
    stages: fc.array(stageRow, { maxLength: 5 }),
    resources: fc.array(
      fc.record({
        stage: id,
        resource: fc.constant(0),
        thread: fc.constant(0),
        uses: amount,
        waitSeconds: amount,
        useSeconds: amount,
        wait: fc.constant(null),
        use: fc.constant(null),
      }),
      { maxLength: 2 },
    ),
    threads: fc.array(
      fc.record({
        thread: fc.integer({ min: 0, max: 1 }),
        cpuSeconds: orNull,
        runQueueSeconds: orNull,
        loopActiveSeconds: orNull,
        loopIdleSeconds: orNull,
      }),
      { maxLength: 2 },
    ),
    processes: fc.array(fc.record({ process: fc.constant(0), cpuSeconds: orNull, runQueueSeconds: orNull }), {
      maxLength: 1,
    }),
  });
  const role = fc.constantFrom("source" as const, "stage" as const, "sink" as const);
  const workers = fc.option(fc.double({ min: 0.1, max: 8, noNaN: true }), { nil: null });
  return fc
    .record({
      stages: fc.tuple(...[0, 1, 2].map(() => fc.record({ role, workers, name: fc.string({ maxLength: 80 }) }))),
      edges: fc.array(fc.record({ from: id, to: id }), { maxLength: 4 }),
      capacity: workers,
      snapshots: fc.array(snapshot, { minLength: 1, maxLength: 14 }),
      steps: fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: 14, maxLength: 14 }),
    })
    .map(({ stages, edges, capacity, snapshots, steps }) => {
      let atSeconds = 0;
      return {
        header: {
          format: "pinchpoint.recording/v1",
          kind: "header",
          machine: { cores: 2, node: "24.21.0", platform: "linux-x64" },
          processes: [{ id: 0, pid: 1 }],
          threads: [
            { id: 0, process: 0, role: "main", name: "main" },
            { id: 1, process: 0, role: "worker", name: "w" },
          ],
          stages: stages.map((stage, index) => ({ ...stage, id: index, pipeline: "p", name: `${index}${stage.name}` })),
          edges,
          resources: [{ id: 0, name: "r", kind: "pool", capacity }],
        },
        snapshots: snapshots.map((one, index) => {
          atSeconds += steps[index] ?? 1;
          return { ...one, kind: "snapshot", atSeconds, losses: {} };
        }),
      };
    });
}
