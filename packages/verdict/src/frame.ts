import {
  type ProcessSnapshot,
  type Recording,
  type RecordingSnapshot,
  type ResourceSnapshot,
  STATES,
  type StageSnapshot,
  type ThreadSnapshot,
} from "./recording.ts";

/** One filled snapshot: every row that the recording ever holds, in one fixed order. */
export interface Frame {
  readonly atSeconds: number;
  readonly stages: readonly StageSnapshot[];
  readonly resources: readonly ResourceSnapshot[];
  readonly threads: readonly ThreadSnapshot[];
  readonly processes: readonly ProcessSnapshot[];
}

/**
 * Rows may appear late or be missing from a snapshot: absent before the first sight is zero, later it is unchanged. Rows
 * of stages that the last header does not name any more, since they were closed long ago, are left out.
 */
export function framesOf(whole: Recording): Frame[] {
  const recording = withKnownStages(whole);
  const order = orderOf(recording);
  const stages = new Filler<StageSnapshot>(
    (row) => `${row.stage}/${row.thread}`,
    (row) => order.stage(row.stage) + order.thread(row.thread),
    (row) => ({
      ...row,
      units: 0,
      items: 0,
      emitted: 0,
      errors: 0,
      dropped: 0,
      stateSeconds: STATES.map(() => 0),
      stateWorkers: STATES.map(() => 0),
      loopHeldSeconds: 0,
      loopHeldSquared: 0,
      loopOverlapSeconds: 0,
    }),
    recording.snapshots.map((snapshot) => snapshot.stages),
  );
  const resources = new Filler<ResourceSnapshot>(
    (row) => `${row.stage}/${row.resource}/${row.thread}`,
    (row) => order.stage(row.stage) + order.resource(row.resource) + order.thread(row.thread),
    (row) => ({ ...row, uses: 0, errors: 0, waitSeconds: 0, useSeconds: 0 }),
    recording.snapshots.map((snapshot) => snapshot.resources),
  );
  const threads = new Filler<ThreadSnapshot>(
    (row) => String(row.thread),
    (row) => order.thread(row.thread),
    (row) => ({ ...row, cpuSeconds: 0, runQueueSeconds: 0, loopActiveSeconds: 0, loopIdleSeconds: 0, ...EMPTY_HEAP }),
    recording.snapshots.map((snapshot) => snapshot.threads),
  );
  const processes = new Filler<ProcessSnapshot>(
    (row) => String(row.process),
    (row) => order.process(row.process),
    (row) => ({ ...row, cpuSeconds: 0, runQueueSeconds: 0 }),
    recording.snapshots.map((snapshot) => snapshot.processes),
  );
  return recording.snapshots.map((snapshot: RecordingSnapshot) => ({
    atSeconds: snapshot.atSeconds,
    stages: stages.fill(snapshot.stages),
    resources: resources.fill(snapshot.resources),
    threads: threads.fill(snapshot.threads),
    processes: processes.fill(snapshot.processes),
  }));
}

function withKnownStages(recording: Recording): Recording {
  const stages = new Set(recording.header.stages.map(({ id }) => id));
  const resources = new Set(recording.header.resources.map(({ id }) => id));
  return {
    ...recording,
    snapshots: recording.snapshots.map((snapshot) => ({
      ...snapshot,
      stages: snapshot.stages.filter(({ stage }) => stages.has(stage)),
      resources: snapshot.resources.filter(({ stage, resource }) => stages.has(stage) && resources.has(resource)),
    })),
  };
}

const EMPTY_HEAP = { gcSeconds: 0, markSweepSeconds: 0, outside: [] } as const;

class Filler<Row> {
  readonly #keyOf: (row: Row) => string;
  readonly #keys: readonly string[];
  readonly #last: Map<string, Row> = new Map();

  constructor(
    keyOf: (row: Row) => string,
    orderOf: (row: Row) => string,
    zero: (row: Row) => Row,
    lists: readonly (readonly Row[])[],
  ) {
    this.#keyOf = keyOf;
    const order = new Map<string, string>();
    for (const list of lists)
      for (const row of list) {
        const key = keyOf(row);
        if (order.has(key)) continue;
        order.set(key, orderOf(row));
        this.#last.set(key, zero(row));
      }
    // Sums of floats depend on their order, so it must come from names: ids and the order of rows mean nothing.
    this.#keys = [...order].sort((a, b) => (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0)).map(([key]) => key);
  }

  fill(rows: readonly Row[]): Row[] {
    for (const row of rows) this.#last.set(this.#keyOf(row), row);
    return this.#keys.map((key) => this.#last.get(key) as Row);
  }
}

function orderOf(recording: Recording): Record<"stage" | "thread" | "process" | "resource", (id: number) => string> {
  const { header } = recording;
  const process = new Map(header.processes.map((row) => [row.id, `p${row.pid}|`]));
  const thread = new Map(
    header.threads.map((row) => [row.id, `${row.role}|${row.name}|${process.get(row.process) ?? ""}`]),
  );
  const stage = new Map(header.stages.map((row) => [row.id, `${row.pipeline}|${row.name}|`]));
  const resource = new Map(header.resources.map((row) => [row.id, `${row.kind}|${row.name}|`]));
  return {
    stage: (id) => stage.get(id) ?? "",
    thread: (id) => thread.get(id) ?? "",
    process: (id) => process.get(id) ?? "",
    resource: (id) => resource.get(id) ?? "",
  };
}
