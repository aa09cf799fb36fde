import type {
  DurationBuckets,
  ResourceDefinition,
  ResourceRow,
  Snapshot,
  StageDefinition,
  StageRow,
  ThreadDefinition,
} from "@pinchpoint/probe";
import { BucketFold } from "../src/explicit-buckets.ts";
import type { ThreadReading } from "../src/thread-series.ts";

/** Hand-made parts of a snapshot; each takes what a test cares about and fills in the rest. */

const SCALE = 3;
const OFFSET = -20 * 2 ** SCALE;
const BUCKETS = 30 * 2 ** SCALE;

/** Durations as the recorder would keep them. */
export function durations(...seconds: readonly number[]): DurationBuckets {
  const counts = new Float64Array(BUCKETS);
  for (const duration of seconds) {
    const index = Math.ceil(Math.log2(duration) * 2 ** SCALE) - 1 - OFFSET;
    const bucket = Math.min(Math.max(index, 0), BUCKETS - 1);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return { scale: SCALE, offset: OFFSET, counts, sumSeconds: seconds.reduce((sum, duration) => sum + duration, 0) };
}

/** Counts by bucket; length = boundsSeconds.length + 1, the last is overflow. */
export function foldedCounts(kept: DurationBuckets, boundsSeconds: readonly number[]): number[] {
  const folded = new Float64Array(boundsSeconds.length + 1);
  new BucketFold(boundsSeconds).addTo(folded, kept);
  return [...folded];
}

export function thread(parts: Partial<ThreadDefinition> = {}): ThreadDefinition {
  return { id: 0, role: "main", name: "main", workerId: 0, osThreadId: null, endedAtMs: null, ...parts };
}

export function stage(parts: Partial<StageDefinition> = {}): StageDefinition {
  return { id: 0, pipeline: "flights", name: "score", role: "stage", workers: null, attributes: {}, ...parts };
}

export function stageRow(parts: Partial<StageRow> = {}): StageRow {
  return {
    stage: 0,
    thread: 0,
    units: 0,
    untimed: 0,
    arrived: 0,
    items: 0,
    errors: 0,
    dropped: 0,
    emitted: 0,
    stateSeconds: [0, 0, 0, 0, 0, 0],
    stateWorkers: [0, 0, 0, 0, 0, 0],
    loopHeldSeconds: 0,
    loopHeldSquared: 0,
    loopOverlapSeconds: 0,
    duration: durations(),
    ...parts,
  };
}

export function resource(parts: Partial<ResourceDefinition> = {}): ResourceDefinition {
  return { id: 0, pipeline: "flights", name: "bigtable", kind: "service", capacity: 16, ...parts };
}

export function resourceRow(parts: Partial<ResourceRow> = {}): ResourceRow {
  return {
    stage: 0,
    resource: 0,
    thread: 0,
    uses: 0,
    errors: 0,
    waitSeconds: 0,
    useSeconds: 0,
    inUse: 0,
    wait: durations(),
    use: durations(),
    ...parts,
  };
}

export function snapshot(parts: Partial<Snapshot> = {}): Snapshot {
  return {
    atMs: 5000,
    threads: [thread()],
    stages: [stage()],
    edges: [],
    resources: [],
    stageRows: [stageRow()],
    resourceRows: [],
    losses: {},
    ...parts,
  };
}

export function threadReading(parts: Partial<ThreadReading> = {}): ThreadReading {
  return {
    thread: 0,
    cpuSeconds: null,
    runQueueSeconds: null,
    loopActiveSeconds: null,
    loopIdleSeconds: null,
    ...parts,
  };
}
