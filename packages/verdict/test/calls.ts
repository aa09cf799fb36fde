import type { Recording, ResourceKind } from "../src/recording.ts";

export interface Calls {
  readonly stage: string;
  readonly resource: string;
  readonly kind: ResourceKind;
  readonly capacity: number | null;
  /** Share of the stage's `self` that is waiting for the resource, and share that is using it; the rest stays. */
  readonly waits: number;
  readonly uses: number;
  /** Calls that the resource works on at once, on average. */
  readonly atOnce: number;
  /** Threads of the pool: CPU and run-queue seconds of each a second. */
  readonly threads?: { readonly count: number; readonly cpu: number; readonly runQueue: number };
}

/** The same recording, in which a stage's work is done by something that it calls. */
export function withCalls(recording: Recording, calls: Calls): Recording {
  const { header } = recording;
  const stage = header.stages.find(({ name }) => name === calls.stage);
  if (stage === undefined) throw new Error(`there is no stage ${calls.stage}`);
  const { count, cpu, runQueue } = calls.threads ?? { count: 0, cpu: 0, runQueue: 0 };
  const threads = Array.from({ length: count }, (_, place) => header.threads.length + place);
  const startSeconds = recording.snapshots[0]?.atSeconds ?? 0;
  return {
    header: {
      ...header,
      resources: [
        ...header.resources,
        { id: header.resources.length, name: calls.resource, kind: calls.kind, capacity: calls.capacity },
      ],
      threads: [
        ...header.threads,
        ...threads.map((id) => ({ id, process: 0, role: "worker" as const, name: `worker ${id}` })),
      ],
    },
    snapshots: recording.snapshots.map((snapshot) => {
      const seconds = snapshot.atSeconds - startSeconds;
      const row = snapshot.stages.find((one) => one.stage === stage.id);
      const self = row?.stateSeconds[1] ?? 0;
      return {
        ...snapshot,
        stages: snapshot.stages.map((one) => {
          if (one !== row) return one;
          const [starved = 0, , wait = 0, use = 0, blocked = 0, unknown = 0] = one.stateSeconds;
          const left = self * (1 - calls.waits - calls.uses);
          return {
            ...one,
            stateSeconds: [starved, left, wait + self * calls.waits, use + self * calls.uses, blocked, unknown],
            loopOverlapSeconds: Math.min(one.loopOverlapSeconds, left),
          };
        }),
        resources: [
          ...snapshot.resources,
          {
            stage: stage.id,
            resource: header.resources.length,
            thread: 0,
            uses: row?.units ?? 0,
            waitSeconds: self * calls.waits,
            useSeconds: calls.atOnce * seconds,
            wait: null,
            use: null,
          },
        ],
        threads: [
          ...snapshot.threads,
          ...threads.map((thread) => ({
            thread,
            cpuSeconds: cpu * seconds,
            runQueueSeconds: runQueue * seconds,
            loopActiveSeconds: seconds,
            loopIdleSeconds: 0,
          })),
        ],
        processes: snapshot.processes.map((process) => ({
          ...process,
          cpuSeconds: (process.cpuSeconds ?? 0) + count * cpu * seconds,
          runQueueSeconds: (process.runQueueSeconds ?? 0) + count * runQueue * seconds,
        })),
      };
    }),
  };
}
