import type { Recording, RecordingHeader, RecordingSnapshot, StageSnapshot } from "../src/recording.ts";
import { type Moment, type SimulatedStage, simulate } from "./simulation.ts";

export interface RecordingPlan {
  readonly pipeline?: string;
  readonly stages: readonly SimulatedStage[];
  readonly seconds?: number;
  readonly everySeconds?: number;
  readonly seed?: number;
  readonly cores?: number;
  /** Seconds in which the loop is in use but by no stage, a second. */
  readonly outside?: number;
  /** Factor by which segments on the loop take longer for want of a core. */
  readonly slowdown?: number;
  /** Seconds before the process reads the first unit, in which its loop is full (modules load). */
  readonly startUpSeconds?: number;
  /** Seconds that the recording goes on after the simulation. */
  readonly idleSeconds?: number;
  /** CPU seconds a second of native threads, and their run-queue wait. */
  readonly native?: { readonly cpu: number; readonly runQueue: number };
}

/** The recording that a perfect recorder would write of the simulated pipeline, in one process with one thread. */
export function recordingOf(plan: RecordingPlan): Recording {
  const seconds = plan.seconds ?? 20;
  const everySeconds = plan.everySeconds ?? seconds / 20;
  const startUp = plan.startUpSeconds ?? 0;
  const stages = plan.stages.map((stage) => ({
    ...stage,
    startsAtSeconds: Math.max(startUp, stage.startsAtSeconds ?? 0),
  }));
  const slowdown = plan.slowdown ?? 1;
  const moments = simulate(stages, { seconds, everySeconds, seed: plan.seed ?? 1, slowdown });
  const last = moments.at(-1) as Moment;
  const idle: Moment[] = [];
  for (let at = everySeconds; at <= (plan.idleSeconds ?? 0); at += everySeconds)
    idle.push({
      ...last,
      atSeconds: last.atSeconds + at,
      stages: last.stages.map((totals) => ({
        ...totals,
        starved: totals.starved + at * totals.workers.starved,
        blocked: totals.blocked + at * totals.workers.blocked,
      })),
    });
  const all = [...moments, ...idle];
  const header = headerOf(plan);
  const snapshots = all.map((moment) => snapshotOf(moment, plan, startUp, slowdown));
  return { header, snapshots };
}

function headerOf(plan: RecordingPlan): RecordingHeader {
  const index = new Map(plan.stages.map((stage, id) => [stage.name, id]));
  const fed = new Set(plan.stages.flatMap((stage) => stage.to ?? []));
  return {
    format: "pinchpoint.recording/v1",
    kind: "header",
    machine: { cores: plan.cores ?? 4, node: "24.21.0", platform: "linux-x64" },
    processes: [{ id: 0, pid: 4242 }],
    threads: [{ id: 0, process: 0, role: "main", name: "main" }],
    stages: plan.stages.map((stage, id) => ({
      id,
      pipeline: plan.pipeline ?? "flights",
      name: stage.name,
      role: fed.has(stage.name) ? (stage.to === undefined ? "sink" : "stage") : "source",
      workers: null,
    })),
    edges: plan.stages.flatMap((stage, from) => (stage.to ?? []).map((name) => ({ from, to: index.get(name) ?? 0 }))),
    resources: [],
  };
}

function snapshotOf(moment: Moment, plan: RecordingPlan, startUp: number, slowdown: number): RecordingSnapshot {
  const at = moment.atSeconds;
  const outside = (plan.outside ?? 0) * at;
  const active = Math.min(at, moment.loopHeld + outside + Math.min(at, startUp));
  const cpuSeconds = active / slowdown;
  const runQueueSeconds = active - cpuSeconds;
  const native = plan.native ?? { cpu: 0, runQueue: 0 };
  return {
    kind: "snapshot",
    atSeconds: at,
    stages: moment.stages.map((totals, stage): StageSnapshot => {
      const { starved, self, blocked, workers } = totals;
      return {
        stage,
        thread: 0,
        units: totals.units,
        arrived: totals.units,
        items: totals.units,
        errors: 0,
        dropped: 0,
        emitted: totals.emitted,
        stateSeconds: [starved, self, 0, 0, blocked, 0],
        stateWorkers: [workers.starved, workers.self, 0, 0, workers.blocked, 0],
        loopHeldSeconds: totals.held,
        loopHeldSquared: totals.heldSquared,
        loopOverlapSeconds: totals.overlap,
        duration: null,
      };
    }),
    resources: [],
    threads: [{ thread: 0, cpuSeconds, runQueueSeconds, loopActiveSeconds: active, loopIdleSeconds: at - active }],
    processes: [
      {
        process: 0,
        cpuSeconds: cpuSeconds + native.cpu * at,
        runQueueSeconds: runQueueSeconds + native.runQueue * at,
      },
    ],
    losses: {},
  };
}

/** Puts recordings of the same times side by side: processes of one run. Equal pipeline and name is the same stage. */
export function sideBySide(...recordings: readonly Recording[]): Recording {
  const [first] = recordings as [Recording, ...Recording[]];
  const stages = new Map<string, { id: number; stage: RecordingHeader["stages"][number] }>();
  const key = (stage: RecordingHeader["stages"][number]): string => `${stage.pipeline}/${stage.name}`;
  for (const recording of recordings)
    for (const stage of recording.header.stages)
      if (!stages.has(key(stage))) stages.set(key(stage), { id: stages.size, stage });
  const idOf = (recording: Recording, id: number): number => {
    const stage = recording.header.stages.find((one) => one.id === id) as RecordingHeader["stages"][number];
    return stages.get(key(stage))?.id ?? 0;
  };
  return {
    header: {
      ...first.header,
      processes: recordings.map((_, id) => ({ id, pid: 4242 + id })),
      threads: recordings.map((_, id) => ({ id, process: id, role: "main", name: "main" })),
      stages: [...stages.values()].map(({ id, stage }) => ({ ...stage, id })),
      edges: [
        ...new Map(
          recordings
            .flatMap((recording) =>
              recording.header.edges.map((edge) => ({
                from: idOf(recording, edge.from),
                to: idOf(recording, edge.to),
              })),
            )
            .map((edge) => [`${edge.from}-${edge.to}`, edge]),
        ).values(),
      ],
    },
    snapshots: first.snapshots.map((snapshot, index) => {
      const all = recordings.map((recording) => recording.snapshots[index] as RecordingSnapshot);
      return {
        ...snapshot,
        stages: all.flatMap((one, id) =>
          one.stages.map((row) => ({ ...row, thread: id, stage: idOf(recordings[id] as Recording, row.stage) })),
        ),
        threads: all.flatMap((one, id) => one.threads.map((row) => ({ ...row, thread: id }))),
        processes: all.flatMap((one, id) => one.processes.map((row) => ({ ...row, process: id }))),
      };
    }),
  };
}

/** One recording after the other, as if the process had gone on. */
export function joined(first: Recording, second: Recording): Recording {
  const last = first.snapshots.at(-1) as Recording["snapshots"][number];
  const shift = (value: number | null, by: number | null): number | null =>
    value === null || by === null ? null : value + by;
  return {
    header: first.header,
    snapshots: [
      ...first.snapshots,
      ...second.snapshots.slice(1).map((one) => ({
        ...one,
        atSeconds: one.atSeconds + last.atSeconds,
        stages: one.stages.map((row, index) => {
          const base = last.stages[index] ?? row;
          return {
            ...row,
            units: row.units + base.units,
            emitted: row.emitted + base.emitted,
            stateSeconds: row.stateSeconds.map((value, state) => value + (base.stateSeconds[state] ?? 0)),
            loopHeldSeconds: row.loopHeldSeconds + base.loopHeldSeconds,
            loopHeldSquared: row.loopHeldSquared + base.loopHeldSquared,
            loopOverlapSeconds: row.loopOverlapSeconds + base.loopOverlapSeconds,
          };
        }),
        threads: one.threads.map((row, index) => ({
          ...row,
          loopActiveSeconds: shift(row.loopActiveSeconds, last.threads[index]?.loopActiveSeconds ?? null),
        })),
      })),
    ],
  };
}

/** The same recording with every row of a stage changed. */
export function withRows(recording: Recording, change: (row: StageSnapshot) => StageSnapshot): Recording {
  return {
    ...recording,
    snapshots: recording.snapshots.map((snapshot) => ({ ...snapshot, stages: snapshot.stages.map(change) })),
  };
}

export function toText(recording: Recording): string {
  return [recording.header, ...recording.snapshots].map((line) => `${JSON.stringify(line)}\n`).join("");
}
