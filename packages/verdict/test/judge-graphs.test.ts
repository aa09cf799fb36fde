import { expect, test } from "vitest";
import { judge } from "../src/judge.ts";
import type { Recording, RecordingHeader } from "../src/recording.ts";
import type { Verdict } from "../src/verdict.ts";
import { a, chain, check, cpu, ms, s, sink, source, workers } from "./expectations.ts";
import { joined, recordingOf, sideBySide, withRows } from "./recordings.ts";
import { exact, type SimulatedStage, steady } from "./simulation.ts";

test("a sink that drains the backlog of a source that has ended is named, though nobody was blocked", () => {
  const times = chain([0.5, 1, 10], [a, a, a]);
  const stages = times.map((one, index) => ({ ...one, ...(index === 0 ? { limit: 1500 } : {}), buffer: 10_000 }));
  const { confidence } = check(recordingOf({ stages }), sink("store"));
  expect(confidence.level).toBe("low");
  expect(confidence.reasons.join()).not.toContain("sub-window");
});

test("two stages that are level are balanced, and the first cause comes first", () => {
  const stages = chain([3, 9.8, 10], [a, a, a]);
  const [verdict] = judge(recordingOf({ stages })) as [Verdict];
  expect(verdict.kind).toBe("balanced");
  expect(verdict.tied.map((one) => one.stage)).toEqual(["store", "score"]);
  expect(verdict.entity).toEqual({ kind: "sink", name: "store" });
});

test("where two are level, what is advised is what buys something, whichever it belongs to", () => {
  const stages = chain([3, 10, 9.4], [a, a, a]);
  const [{ kind, tied, actions, throughput }] = judge(recordingOf({ stages })) as [Verdict];
  expect({ kind, tied: tied.map(({ stage }) => stage) }).toEqual({ kind: "balanced", tied: ["score", "store"] });
  expect(actions.map(({ change }) => change)).toEqual(["halve score's time", "score workers 1 -> 2"]);
  for (const { predictedThroughput } of actions)
    expect(predictedThroughput / (throughput?.perSecond ?? 0)).toBeCloseTo(10 / 9.4, 2);
});

test("where two are exactly level, the advice is the first one's, and buys nothing alone", () => {
  const stages = chain([3, 10, 10], [a, a, a]);
  const [{ kind, actions, throughput }] = judge(recordingOf({ stages })) as [Verdict];
  expect(kind).toBe("balanced");
  expect(actions.map(({ change }) => change)).toEqual(["halve score's time", "score workers 1 -> 2"]);
  for (const { predictedThroughput } of actions)
    expect(predictedThroughput / (throughput?.perSecond ?? 0)).toBeCloseTo(1, 1);
});

test("an idle pipeline is limited by its source, with the headroom of its busiest part", () => {
  const [verdict] = judge(recordingOf({ stages: chain([10, 3.6, 1], [a, a, a]) })) as [Verdict];
  expect(verdict.kind).toBe("source-limited");
  expect(verdict.evidence.map((one) => one.text)).toContain("busiest is score at 36 %, headroom x2.8");
});

test("a first stage that starves is limited by what feeds it, though that was not recorded", () => {
  const { header, snapshots } = recordingOf({ stages: chain([10, 4, 2], [a, a, a]) });
  const open: Recording = {
    header: { ...header, stages: header.stages.slice(1), edges: header.edges.slice(1) },
    snapshots: snapshots.map((one) => ({ ...one, stages: one.stages.slice(1) })),
  };
  check(open, source("score"));
});

test("each connected pipeline gets its own verdict, the busiest first", () => {
  const busy = recordingOf({ pipeline: "busy", stages: chain([3, 3, 10], [a, a, a]) });
  const calm = recordingOf({ pipeline: "calm", stages: chain([50, 10, 20], [a, a, a]) });
  const verdicts = judge(sideBySide(calm, busy));
  expect(verdicts.map((one) => [one.pipeline, one.kind])).toEqual([
    ["busy", "bottleneck"],
    ["calm", "source-limited"],
  ]);
});

test("a server comes after the pipeline that asks it, however busy it is, but not after others", () => {
  const serving = recordingOf({ pipeline: "model", stages: chain([3, 3, 10], [a, a, a]) });
  const asking = recordingOf({ pipeline: "app", stages: chain([50, 10, 20], [a, a, a]) });
  const both = sideBySide(serving, asking);
  const at = (name: string, pipeline: string) =>
    both.header.stages.find((stage) => stage.name === name && stage.pipeline === pipeline)?.id ?? -1;
  const verdictsFor = (name: string, caller: string) => {
    const header: RecordingHeader = {
      ...both.header,
      stages: both.header.stages.map((stage) => (stage.id === at("read", "model") ? { ...stage, port: 8080 } : stage)),
      resources: [{ id: 0, name, kind: "service", capacity: null }],
    };
    const call = { stage: at("score", caller), resource: 0, thread: 0, uses: 1, waitSeconds: 0, wait: null, use: null };
    const snapshots = both.snapshots.map((snapshot, index) => ({
      ...snapshot,
      resources: [{ ...call, uses: index, useSeconds: 0.001 * index }],
    }));
    return judge({ header, snapshots }).map(({ pipeline }) => pipeline);
  };
  expect(judge(both).map(({ pipeline }) => pipeline)).toEqual(["model", "app"]);
  expect(verdictsFor("127.0.0.1:8080", "app")).toEqual(["app", "model"]);
  expect(verdictsFor("localhost:8080 POST /score", "app")).toEqual(["app", "model"]);
  for (const name of ["127.0.0.1:80800", "api.example.com:8080", "127.0.0.1"])
    expect(verdictsFor(name, "app")).toEqual(["model", "app"]);
  expect(verdictsFor("127.0.0.1:8080", "model")).toEqual(["model", "app"]);
});

test("where every part is asked by another, and none has a limit, they are told all the same", () => {
  const { header, snapshots } = sideBySide(
    recordingOf({ pipeline: "one", stages: chain([50, 10, 20], [a, a, a]) }),
    recordingOf({ pipeline: "other", stages: chain([50, 10, 20], [a, a, a]) }),
  );
  const ports: Readonly<Record<string, number>> = { one: 8081, other: 8082 };
  const idOf = (pipeline: string) => header.stages.find((stage) => stage.pipeline === pipeline)?.id ?? -1;
  const call = { thread: 0, uses: 1, waitSeconds: 0, wait: null, use: null };
  const calls = [
    { ...call, stage: idOf("one"), resource: 1 },
    { ...call, stage: idOf("other"), resource: 0 },
  ];
  const asking: Recording = {
    header: {
      ...header,
      stages: header.stages.map((stage) => ({ ...stage, port: ports[stage.pipeline] ?? 0 })),
      resources: [8081, 8082].map((port, id) => ({ id, name: `127.0.0.1:${port}`, kind: "service", capacity: null })),
    },
    snapshots: snapshots.map((one, index) => ({
      ...one,
      resources: calls.map((row) => ({ ...row, uses: index, useSeconds: 0.001 * index })),
    })),
  };
  expect(judge(asking)).toHaveLength(2);
});

/** One stage of requests, of which so many are under way all the time, or none for a share of the time. */
function server(requests: number, starvedShare: number): Recording {
  const { header, snapshots } = recordingOf({ stages: [{ name: "http-server", seconds: exact(10 * ms) }] });
  const stages = header.stages.map((stage) => ({ ...stage, port: 8080, workers: null }));
  return {
    header: { ...header, stages },
    snapshots: snapshots.map((one) => ({
      ...one,
      stages: one.stages.map((row) => {
        const seconds = row.stateSeconds.reduce((sum, state) => sum + state, 0);
        return {
          ...row,
          stateSeconds: [starvedShare * seconds, requests * (1 - starvedShare) * seconds, 0, 0, 0, 0],
          stateWorkers: [0, requests, 0, 0, 0, 0],
        };
      }),
    })),
  };
}

test("a server without requests for most of the time is limited by what arrives", () => {
  const [verdict] = judge(server(1, 0.96)) as [Verdict];
  expect(verdict).toMatchObject({ kind: "source-limited", entity: { kind: "source", name: "http-server" } });
  expect(verdict.evidence[0]?.text).toBe("http-server starved 96 %: too little arrives");
  expect(verdict.actions[0]?.change).toBe("twice as many requests for http-server");
});

test("workers of a cluster that share a port lack requests as much as each of them does", () => {
  const [verdict] = judge(sideBySide(server(1, 0.9), server(1, 0.9))) as [Verdict];
  expect(verdict.kind).toBe("source-limited");
  expect(verdict.evidence[0]?.text).toBe("http-server starved 90 %: too little arrives");
});

test("a server whose requests wait for something that was not recorded is limited by how many its clients send at once", () => {
  const [{ kind, evidence, actions, throughput }] = judge(server(8, 0)) as [Verdict];
  expect(kind).toBe("in-flight-limited");
  expect(evidence[0]?.text).toContain("8 of at most 8 units in flight");
  expect(actions[0]?.change).toBe("units in flight 8 -> 16");
  expect((actions[0]?.predictedThroughput ?? 0) / (throughput?.perSecond ?? 1)).toBeCloseTo(2, 0);
});

test("a loop that another pipeline fills is named with that pipeline's stage", () => {
  const { header, snapshots } = recordingOf({
    stages: [
      { name: "poll", seconds: exact(1 * ms), to: ["crunch"] },
      { name: "crunch", seconds: steady(20 * ms), isSync: true },
      ...chain([0.5, 2, 1], [a, s, a]),
    ],
  });
  const verdicts = judge({ header, snapshots });
  expect(verdicts.length).toBe(2);
  for (const verdict of verdicts) expect(verdict.entity).toEqual({ kind: "event-loop", name: "main" });
  expect(verdicts.map((one) => one.stage)).toEqual(["crunch", "crunch"]);
});

test("processes of a cluster add up to the verdict of one", () => {
  const one = (seed: number): Recording => recordingOf({ stages: chain([1, 2, 10], [s, s, a]), seed });
  const verdict = check(sideBySide(one(1), one(2)), sink("store"));
  expect(verdict.throughput?.perSecond).toBeCloseTo(200, -0.7);
  expect(verdict.stages.find((stage) => stage.stage === "store")?.workers).toBeCloseTo(2, 5);
});

test("a synchronous stage on several worker threads is short of workers, not of a loop", () => {
  const one = (seed: number): Recording => recordingOf({ stages: chain([0.2, 10, 0.2], [a, s, a]), seed });
  const { header, snapshots } = sideBySide(one(1), one(2));
  const threads = header.threads.map((thread) => ({ ...thread, role: "worker" as const, name: `worker-${thread.id}` }));
  check({ header: { ...header, threads }, snapshots }, workers("score"));
});

test("an idle pool thread that looks active is not named", () => {
  const { header, snapshots } = recordingOf({ stages: chain([3, 3, 10], [a, a, a]) });
  const recording: Recording = {
    header: { ...header, threads: header.threads.map((thread) => ({ ...thread, role: "worker" as const })) },
    snapshots: snapshots.map((one) => ({
      ...one,
      threads: one.threads.map((row) => ({ ...row, loopActiveSeconds: one.atSeconds, loopIdleSeconds: 0 })),
    })),
  };
  check(recording, sink("store"));
});

test("a run whose limit moves is judged on its longer part, and says so", () => {
  const first = recordingOf({ stages: chain([30, 3, 5], [a, a, a]), seconds: 10, everySeconds: 0.5 });
  const second = recordingOf({ stages: chain([3, 3, 10], [a, a, a]), seconds: 20, everySeconds: 0.5 });
  const verdict = check(joined(first, second), sink("store"));
  expect(verdict.blind[0]).toMatch(/^the run changed: 9\.\d s earlier/);
  expect(verdict.confidence.level).toBe("medium");
});

test("a run whose limit moves is unsure if neither part is long enough", () => {
  const first = recordingOf({ stages: chain([60, 10, 5], [a, a, a]), seconds: 8, everySeconds: 0.5 });
  const second = recordingOf({ stages: chain([3, 3, 30], [a, a, a]), seconds: 3, everySeconds: 0.5 });
  expect(check(joined(first, second), { kind: "unsure" }).missing.join()).toMatch(/the limit moved during the run/);
});

test("a recording of a worker pool counts the declared workers", () => {
  const recording = recordingOf({ stages: chain([3, 10, 3], [a, a, a]) });
  const stages = recording.header.stages.map((stage) => (stage.name === "score" ? { ...stage, workers: 4 } : stage));
  const [verdict] = judge({ ...recording, header: { ...recording.header, stages } }) as [Verdict];
  // One of four slots was used: three more calls could have run, so it is not the workers that limit.
  expect(verdict.kind).toBe("unsure");
});

test("two sources that are both too slow are the source, not a balance", () => {
  const stages: SimulatedStage[] = [
    { name: "left", seconds: steady(20 * ms), to: ["store"] },
    { name: "right", seconds: steady(20 * ms), to: ["store"] },
    { name: "store", seconds: steady(2 * ms) },
  ];
  const [verdict] = judge(recordingOf({ stages })) as [Verdict];
  expect([verdict.kind, verdict.entity?.kind]).toEqual(["source-limited", "source"]);
});

test("a source that says it starves waits for the outside: it is the limit", () => {
  const recording = withRows(recordingOf({ stages: chain([10, 3, 3], [a, a, a]) }), (row) => {
    const [, self = 0, , , blocked = 0] = row.stateSeconds;
    return row.stage === 0 ? { ...row, stateSeconds: [0.9 * self, 0.1 * self, 0, 0, blocked, 0] } : row;
  });
  check(recording, source("read"));
});

test("a source that starves and is now and then blocked can be level with what blocks it", () => {
  const recording = withRows(recordingOf({ stages: chain([9.4, 3, 10], [a, a, a]) }), (row) => {
    const [, self = 0, , , blocked = 0] = row.stateSeconds;
    return row.stage === 0 ? { ...row, stateSeconds: [0.9 * self, 0.1 * self, 0, 0, blocked, 0] } : row;
  });
  const [verdict] = judge(recording) as [Verdict];
  expect(verdict.tied.map((one) => one.stage)).toEqual(["store", "read"]);
});

test("a source without any state is the limit if all that follows starves", () => {
  const recording = withRows(recordingOf({ stages: chain([10, 6, 3], [a, a, a]) }), (row) =>
    row.stage === 0 ? { ...row, stateSeconds: [0, 0, 0, 0, 0, 0], stateWorkers: [0, 0, 0, 0, 0, 0] } : row,
  );
  check(recording, source("read"));
});

test("an unseen feed is the limit even if the first stage is busy most of the time", () => {
  const { header, snapshots } = recordingOf({ stages: chain([10, 7, 2], [a, a, a]) });
  const open: Recording = {
    header: { ...header, stages: header.stages.slice(1), edges: header.edges.slice(1) },
    snapshots: snapshots.map((one) => ({ ...one, stages: one.stages.slice(1) })),
  };
  check(open, source("score"));
});

test("a last stage that nobody declared a sink still ends the pipeline", () => {
  const { header, snapshots } = recordingOf({ stages: chain([3, 3, 10], [a, a, a]) });
  const stages = header.stages.map((stage) => (stage.role === "sink" ? { ...stage, role: "stage" as const } : stage));
  check({ header: { ...header, stages }, snapshots }, sink("store"));
});

test("calls that overlap at will are not taken for busy workers", () => {
  const stages = [
    { name: "feed", seconds: steady(10 * ms), to: ["call"] },
    { name: "call", seconds: steady(12 * ms), workers: 4 },
  ];
  const { header, snapshots } = withRows(recordingOf({ stages }), (row) => ({
    ...row,
    stateSeconds: row.stateSeconds.map((value, state) => (state === 1 ? value : 0)),
    stateWorkers: row.stateWorkers.map((value, state) => (state === 1 ? value : 0)),
  }));
  const alone: Recording = {
    header: { ...header, stages: header.stages.slice(1), edges: [] },
    // Somewhere in the run all four were in flight.
    snapshots: snapshots.map((one, index) => ({
      ...one,
      stages: one.stages.slice(1).map((row) => (index === 9 ? { ...row, stateWorkers: [0, 4, 0, 0, 0, 0] } : row)),
    })),
  };
  check(alone, { kind: "unsure" });
});

test("a quota on the cores is seen without the run queue", () => {
  const { header, snapshots } = recordingOf({ stages: chain([2, 10, 2], [s, s, s]), slowdown: 2, cores: 0.5 });
  const unknown = snapshots.map((one) => ({
    ...one,
    threads: one.threads.map((row) => ({ ...row, runQueueSeconds: null })),
    processes: one.processes.map((row) => ({ ...row, runQueueSeconds: null })),
  }));
  check({ header, snapshots: unknown }, cpu("score"));
});

test("a balance is ordered by who holds up whom, not by who is busier", () => {
  const recording = withRows(recordingOf({ stages: chain([3, 9.8, 10], [a, a, a]) }), (row) => {
    const [starved = 0, self = 0, , , blocked = 0] = row.stateSeconds;
    return row.stage === 2 ? { ...row, stateSeconds: [starved, 0.95 * self, 0.05 * self, 0, blocked, 0] } : row;
  });
  const [verdict] = judge(recording) as [Verdict];
  expect(verdict.tied.map((one) => one.stage)).toEqual(["store", "score"]);
  const used = verdict.stages.map((stage) => stage.useful);
  expect(used[1]).toBeGreaterThan(used[2] ?? 1);
});

test("a resource that a stage waits for is named before the stage", () => {
  const recording = recordingOf({ stages: chain([1, 10, 1], [a, a, a]) });
  const header: RecordingHeader = {
    ...recording.header,
    resources: [{ id: 0, name: "bigtable", kind: "service", capacity: 1 }],
  };
  const snapshots = withRows(recording, (row) => {
    const [starved = 0, self = 0, , , blocked = 0] = row.stateSeconds;
    if (row.stage !== 1) return row;
    return { ...row, stateSeconds: [starved, 0.1 * self, 0.6 * self, 0.3 * self, blocked, 0] };
  }).snapshots.map((one) => ({
    ...one,
    resources: [
      {
        stage: 1,
        resource: 0,
        thread: 0,
        uses: 1,
        waitSeconds: 0.6 * one.atSeconds,
        useSeconds: one.atSeconds,
        wait: null,
        use: null,
      },
    ],
  }));
  check({ header, snapshots }, { kind: "bottleneck", entity: { kind: "resource", name: "bigtable" }, stage: "score" });
});
