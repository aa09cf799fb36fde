import type {
  RecordedEdge,
  RecordedResource,
  RecordedStage,
  RecordedThread,
  Recording,
  RecordingSnapshot,
} from "@pinchpoint/verdict";

/** Moments of several processes that are closer than this are one: windows of unequal length would shake the rates. */
const CLOSEST_SECONDS = 0.5;

/**
 * One recording of several processes. Ids are given anew; a stage is the same in all processes where its pipeline,
 * name and port are, a resource where its kind and name are. At each moment every process shows its latest snapshot, one that
 * has ended its last. Processes that handed over no unit are left out.
 *
 * @returns null where no process handed over a unit
 */
export function mergeRecordings(recordings: readonly Recording[]): Recording | null {
  const working = recordings.filter(hasUnits);
  const [first] = working;
  if (first === undefined) return null;
  const graph = new Graph();
  const timelines = working.map((recording) => {
    const ids = graph.add(recording);
    return recording.snapshots.map((snapshot) => withIds(snapshot, ids));
  });
  const snapshots = momentsOf(timelines).map((atSeconds) => snapshotAt(atSeconds, timelines));
  const droppedLines = working.reduce((sum, recording) => sum + (recording.droppedLines ?? 0), 0);
  const versions = new Set(working.map(({ header }) => header.machine.node));
  return {
    header: {
      format: first.header.format,
      kind: "header",
      machine: { ...first.header.machine, node: [...versions].join(", ") },
      processes: graph.processes,
      threads: graph.threads,
      stages: [...graph.stages.values()],
      edges: [...graph.edges.values()],
      resources: [...graph.resources.values()],
    },
    snapshots,
    droppedLines,
  };
}

function hasUnits({ snapshots }: Recording): boolean {
  return snapshots.at(-1)?.stages.some(({ units }) => units > 0) ?? false;
}

interface NewId {
  (old: number): number;
  knows(old: number): boolean;
}

interface Ids {
  readonly process: NewId;
  readonly thread: NewId;
  readonly stage: NewId;
  readonly resource: NewId;
}

class Graph {
  readonly processes: { id: number; pid: number }[] = [];
  readonly threads: RecordedThread[] = [];
  readonly stages = new Map<string, RecordedStage>();
  readonly edges = new Map<string, RecordedEdge>();
  readonly resources = new Map<string, RecordedResource>();

  add({ header }: Recording): Ids {
    const processes = header.processes.map(({ id, pid }) => {
      const added = { id: this.processes.length, pid };
      this.processes.push(added);
      return [id, added.id] as const;
    });
    const process = newId(processes);
    const threads = header.threads.map((thread) => {
      const added = { ...thread, id: this.threads.length, process: process(thread.process) };
      this.threads.push(added);
      return [thread.id, added.id] as const;
    });
    const stage = newId(header.stages.map((recorded) => [recorded.id, this.#stage(recorded)]));
    const resource = newId(header.resources.map((recorded) => [recorded.id, this.#resource(recorded)]));
    for (const { from, to } of header.edges) {
      const edge = { from: stage(from), to: stage(to) };
      this.edges.set(`${edge.from}>${edge.to}`, edge);
    }
    return { process, thread: newId(threads), stage, resource };
  }

  #stage(recorded: RecordedStage): number {
    // Workers of a cluster share a port; servers of different ports have nothing to do with each other.
    const key = JSON.stringify([recorded.pipeline, recorded.name, recorded.port]);
    const known = this.stages.get(key);
    const id = known?.id ?? this.stages.size;
    this.stages.set(key, { ...recorded, ...known, id, workers: sumOrNull(known, recorded) });
    return id;
  }

  #resource(recorded: RecordedResource): number {
    const key = JSON.stringify([recorded.kind, recorded.name]);
    const known = this.resources.get(key) ?? { ...recorded, id: this.resources.size };
    this.resources.set(key, known);
    return known.id;
  }
}

/** Each process declares its own workers; they add up, unless one of them leaves it open. */
function sumOrNull(known: RecordedStage | undefined, added: RecordedStage): number | null {
  if (known === undefined) return added.workers;
  return known.workers === null || added.workers === null ? null : known.workers + added.workers;
}

function newId(pairs: readonly (readonly [old: number, added: number])[]): NewId {
  const ids = new Map(pairs);
  const of = (old: number) => {
    const id = ids.get(old);
    if (id === undefined) throw new RangeError(`the recording's header has no id ${old}`);
    return id;
  };
  return Object.assign(of, { knows: (old: number) => ids.has(old) });
}

function withIds(snapshot: RecordingSnapshot, ids: Ids): RecordingSnapshot {
  const place = (row: { readonly stage: number; readonly thread: number }) => ({
    stage: ids.stage(row.stage),
    thread: ids.thread(row.thread),
  });
  // Of stages that were closed long ago the last header does not tell any more.
  const isKnown = (row: { readonly stage: number; readonly resource?: number }) =>
    ids.stage.knows(row.stage) && (row.resource === undefined || ids.resource.knows(row.resource));
  return {
    ...snapshot,
    stages: snapshot.stages.filter(isKnown).map((row) => ({ ...row, ...place(row) })),
    resources: snapshot.resources
      .filter(isKnown)
      .map((row) => ({ ...row, ...place(row), resource: ids.resource(row.resource) })),
    threads: snapshot.threads.map((row) => ({ ...row, thread: ids.thread(row.thread) })),
    processes: snapshot.processes.map((row) => ({ ...row, process: ids.process(row.process) })),
  };
}

function momentsOf(timelines: readonly (readonly RecordingSnapshot[])[]): number[] {
  const all = timelines.flatMap((timeline) => timeline.map(({ atSeconds }) => atSeconds)).sort((a, b) => a - b);
  if (timelines.length === 1) return all;
  const kept: number[] = [];
  for (const atSeconds of all) {
    if (kept.length === 0 || atSeconds - (kept.at(-1) as number) >= CLOSEST_SECONDS) kept.push(atSeconds);
  }
  const last = all.at(-1) as number;
  return kept.at(-1) === last ? kept : [...kept, last];
}

function snapshotAt(atSeconds: number, timelines: readonly (readonly RecordingSnapshot[])[]): RecordingSnapshot {
  const latest = timelines.flatMap(
    (timeline) => timeline.findLast((snapshot) => snapshot.atSeconds <= atSeconds) ?? [],
  );
  const losses: Record<string, number> = {};
  for (const snapshot of latest) {
    for (const [reason, count] of Object.entries(snapshot.losses)) losses[reason] = (losses[reason] ?? 0) + count;
  }
  return {
    kind: "snapshot",
    atSeconds,
    stages: latest.flatMap(({ stages }) => stages),
    resources: latest.flatMap(({ resources }) => resources),
    threads: latest.flatMap(({ threads }) => threads),
    processes: latest.flatMap(({ processes }) => processes),
    losses,
  };
}
