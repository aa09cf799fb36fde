import { describe, expect, test } from "vitest";
import { judge } from "../src/judge.ts";
import type { Recording, StageSnapshot, ThreadSnapshot } from "../src/recording.ts";
import type { Action, Verdict } from "../src/verdict.ts";
import { a, chain, check, type Expected, loop, s } from "./expectations.ts";
import { type RecordingPlan, recordingOf } from "./recordings.ts";

/** What a thread tells besides its loop: seconds a second, and bytes. */
interface Told {
  readonly outside?: Readonly<Record<string, number>>;
  readonly gc?: number;
  readonly markSweep?: number;
  readonly heap?: readonly [bytes: number, limitBytes: number];
}

function told(plan: RecordingPlan, { outside = {}, gc = 0, markSweep = 0, heap }: Told): Recording {
  const { header, snapshots } = recordingOf(plan);
  const withTold = (row: ThreadSnapshot, atSeconds: number): ThreadSnapshot => ({
    ...row,
    gcSeconds: gc * atSeconds,
    markSweepSeconds: markSweep * atSeconds,
    heapBytes: heap?.[0] ?? null,
    heapLimitBytes: heap?.[1] ?? null,
    outside: Object.entries(outside).map(([name, share]) => ({ name, seconds: share * atSeconds })),
  });
  const named = Object.values(outside).reduce((sum, share) => sum + share, 0);
  // What holds the loop by a name was seen while others waited for it.
  const withOverlap = (row: StageSnapshot): StageSnapshot => {
    const away = Math.max(0, (row.stateSeconds[1] ?? 0) - row.loopHeldSeconds);
    return { ...row, loopOverlapSeconds: row.loopOverlapSeconds + named * away };
  };
  return {
    header,
    snapshots: snapshots.map((one) => ({
      ...one,
      stages: one.stages.map(withOverlap),
      threads: one.threads.map((row) => withTold(row, one.atSeconds)),
    })),
  };
}

const gc: Expected = { kind: "bottleneck", entity: { kind: "gc", name: "main" }, stage: null };
const memory: Expected = { kind: "bottleneck", entity: { kind: "memory", name: "main" }, stage: null };

function gainOf({ actions, throughput }: Verdict, change: RegExp): number {
  const action = actions.find((one) => change.test(one.change)) as Action;
  return action.predictedThroughput / (throughput?.perSecond ?? 0);
}

function words({ evidence }: Verdict): string {
  return evidence.map(({ text }) => text).join("; ");
}

/** Stages hold a little of a loop that is full of something else. */
const besides: RecordingPlan = { stages: chain([10, 0.3, 0.3], [a, s, s]), outside: 0.93 };
/** Stages fill the loop, the middle one most. */
const full: RecordingPlan = { stages: chain([1, 6, 3], [s, s, s]) };
const MB = 1024 * 1024;

describe("a loop that is full outside the stages", () => {
  const timer = "setInterval board (metrics.js:12)";

  test("names what holds it", () => {
    const verdict = check(told(besides, { outside: { [timer]: 0.8, "setTimeout retry": 0.13 } }), loop(null));
    expect(words(verdict)).toMatch(
      /no stage holds 9\d % of it; setInterval board \(metrics\.js:12\) holds 8\d % of it/,
    );
    expect(verdict.actions[0]?.step).toEqual({ kind: "time", of: "outside", name: timer, factor: 0.5 });
  });

  test("promises what half of that leaves of the loop", () => {
    const verdict = check(told(besides, { outside: { [timer]: 0.8 } }), loop(null));
    // 0.99 of the loop in use, of which 0.4 go; then the source's own 10 ms limit.
    expect(gainOf(verdict, /halve the time of setInterval/)).toBeGreaterThan(1);
    expect(gainOf(verdict, /halve the time of setInterval/)).toBeLessThan(1.7);
  });

  test("without a name is said to be no stage, and there is no advice", () => {
    const verdict = check(told(besides, {}), loop(null));
    expect(words(verdict)).toMatch(/no stage holds 9\d % of it/);
    expect(verdict.actions).toEqual([]);
  });
});

test("one timer that holds a loop more than any stage is named, also where stages together hold more", () => {
  const plan = { stages: chain([2, 2, 2], [s, s, s]), outside: 0.45 };
  const verdict = check(told(plan, { outside: { "setTimeout tick (a.js:3)": 0.45 } }), loop(null));
  expect(words(verdict)).toMatch(/setTimeout tick \(a\.js:3\) holds 4\d % of it/);
});

test("a timer that holds less than the stage that holds most is not named for it", () => {
  check(told(full, { outside: { "setTimeout tick (a.js:3)": 0.02 } }), loop("score"));
});

describe("garbage collection limits", () => {
  test("where a full loop spends more on it than on any stage's own code", () => {
    const verdict = check(told(full, { gc: 0.45 }), gc);
    expect(words(verdict)).toMatch(
      /event loop main in use (?:9\d|100) %; pauses for garbage collection take 4\d % of it/,
    );
    expect(words(verdict)).toMatch(/score holds 6\d % of it, pauses included/);
    expect(verdict.actions[0]).toMatchObject({
      isLeast: true,
      step: { kind: "allocation", thread: "main", factor: 0.5 },
    });
    // Of the loop, 0.45 / 2 go: 1 / (1 - 0.225).
    expect(gainOf(verdict, /halve what main allocates/)).toBeCloseTo(1.29, 1);
  });

  test.each([
    ["it takes less than 15 % of the loop", { gc: 0.14 }],
    ["half of the largest stage's own code gains more", { gc: 0.3 }],
  ])("not where %s: then the stage is named, and how much garbage there is", (_, what) => {
    const verdict = check(told(full, what), loop("score"));
    expect(words(verdict)).toMatch(/garbage collection takes \d+ % of it/);
  });

  test("not where it takes little, though no stage holds more", () => {
    check(told(besides, { gc: 0.14 }), loop(null));
    check(told(besides, { gc: 0.3 }), gc);
  });

  test("not where the loop has room", () => {
    const [verdict] = judge(told({ stages: chain([10, 2, 2], [a, s, s]) }, { gc: 0.25 }));
    expect(verdict?.entity).toEqual({ kind: "source", name: "read" });
  });
});

describe("the heap's limit limits", () => {
  const near = { gc: 0.3, markSweep: 0.25, heap: [90 * MB, 120 * MB] } as const;

  test("where it is nearly full and mark-sweeps take the loop's time", () => {
    const verdict = check(told(full, near), memory);
    expect(words(verdict)).toMatch(/^the heap of main holds 90 MB of 120 MB after a mark-sweep/);
    expect(verdict.actions[0]).toMatchObject({
      change: "heap limit 120 MB -> 240 MB",
      isLeast: true,
      step: { kind: "heap", thread: "main", fromBytes: 120 * MB, toBytes: 240 * MB },
    });
    // A mark-sweep comes after 150 MB of room instead of 30: of 0.25 of the loop, 0.2 go.
    expect(gainOf(verdict, /heap limit/)).toBeCloseTo(1.25, 1);
  });

  test("also where the garbage alone would be named for it", () => {
    check(told(full, { ...near, gc: 0.5, markSweep: 0.45 }), memory);
  });

  test("also where V8's own threads take the cores, but not where others do", () => {
    const short = { ...full, slowdown: 2, cores: 1 };
    check(told({ ...short, native: { cpu: 0.45, runQueue: 0 } }, near), memory);
    check(told(short, near), { kind: "bottleneck", entity: { kind: "cpu", name: "cpu" }, stage: "score" });
  });

  test.each<readonly [string, Told, Expected]>([
    ["there is much room", { ...near, heap: [40 * MB, 120 * MB] }, loop("score")],
    ["the collections are those of young objects", { ...near, gc: 0.5, markSweep: 0.1 }, gc],
    ["they take hardly any time", { ...near, gc: 0.04, markSweep: 0.04 }, loop("score")],
    ["nobody told of a heap", { gc: 0.3, markSweep: 0.25 }, loop("score")],
  ])("not where %s", (_, what, expected) => {
    check(told(full, what), expected);
  });
});

test("a recording that tells nothing of garbage is judged as before", () => {
  check(recordingOf(full), loop("score"));
});
