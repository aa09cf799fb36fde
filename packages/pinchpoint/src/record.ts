import type { DurationBuckets, ResourceRow, Snapshot, StageRow } from "@pinchpoint/probe";
import { ExponentialHistogram } from "@pinchpoint/sketch";
import type {
  EncodedHistogram,
  ProcessSnapshot,
  RecordedMachine,
  RecordedStage,
  RecordingHeader,
  RecordingLine,
  RecordingSnapshot,
  ResourceSnapshot,
  StageSnapshot,
  ThreadSnapshot,
} from "@pinchpoint/verdict";

/** What a process tells besides its slabs. */
export interface Readings {
  readonly threads: readonly ThreadSnapshot[];
  readonly process: Omit<ProcessSnapshot, "process">;
}

export interface RecordedOrigin {
  readonly pid: number;
  readonly machine: RecordedMachine;
  /** Milliseconds since 1970 at which the recorder's clock read 0: it puts the processes of a machine on one clock. */
  readonly clockOriginMs: number;
}

/** The process's id in its own recording. */
const PROCESS = 0;

/** Turns snapshots of one process into lines of `pinchpoint.recording/v1`. */
export class RecordingWriter {
  readonly #origin: RecordedOrigin;
  /** Most threads that had the stage at once, by stage: workers are declared for each thread. */
  readonly #threads = new Map<number, number>();
  #headerText = "";

  constructor(origin: RecordedOrigin) {
    this.#origin = origin;
  }

  /** A snapshot, and before it a header where the graph has changed since the last one. */
  lines(snapshot: Snapshot, readings: Readings): RecordingLine[] {
    this.#countThreads(snapshot);
    const header = this.#header(snapshot);
    const headerText = JSON.stringify(header);
    const isKnown = headerText === this.#headerText;
    this.#headerText = headerText;
    const line = snapshotLine(snapshot, readings, this.#origin);
    return isKnown ? [line] : [header, line];
  }

  /** The next snapshot gets a header whether or not anything has changed: a new file begins. */
  beginFile(): void {
    this.#headerText = "";
  }

  #countThreads({ stageRows, threads }: Snapshot): void {
    const living = new Set(threads.filter(({ endedAtMs }) => endedAtMs === null).map(({ id }) => id));
    const counts = new Map<number, number>();
    for (const row of stageRows) {
      if (living.has(row.thread)) counts.set(row.stage, (counts.get(row.stage) ?? 0) + 1);
    }
    for (const [stage, count] of counts) this.#threads.set(stage, Math.max(count, this.#threads.get(stage) ?? 1));
  }

  #header(snapshot: Snapshot): RecordingHeader {
    return {
      format: "pinchpoint.recording/v1",
      kind: "header",
      machine: this.#origin.machine,
      processes: [{ id: PROCESS, pid: this.#origin.pid }],
      threads: snapshot.threads.map(({ id, role, name }) => ({ id, process: PROCESS, role, name })),
      stages: snapshot.stages.map(({ id, pipeline, name, role, workers }): RecordedStage => {
        const declared = workers === null ? null : workers * (this.#threads.get(id) ?? 1);
        return { id, pipeline, name, role, workers: declared };
      }),
      edges: snapshot.edges,
      resources: snapshot.resources.map(({ id, name, kind, capacity }) => ({ id, name, kind, capacity })),
    };
  }
}

function snapshotLine(snapshot: Snapshot, readings: Readings, origin: RecordedOrigin): RecordingSnapshot {
  return {
    kind: "snapshot",
    atSeconds: (origin.clockOriginMs + snapshot.atMs) / 1000,
    stages: snapshot.stageRows.map(stageSnapshot),
    resources: snapshot.resourceRows.map(resourceSnapshot),
    threads: readings.threads,
    processes: [{ process: PROCESS, ...readings.process }],
    losses: snapshot.losses,
  };
}

function stageSnapshot(row: StageRow): StageSnapshot {
  return { ...row, duration: encoded(row.duration) };
}

function resourceSnapshot(row: ResourceRow): ResourceSnapshot {
  return { ...row, wait: encoded(row.wait), use: encoded(row.use) };
}

/** Null where nothing was recorded; also where another thread was in mid-write, because the next snapshot has it. */
function encoded({ scale, offset, counts, sumSeconds }: DurationBuckets): EncodedHistogram {
  try {
    const positive = { offset, bucketCounts: counts };
    const histogram = ExponentialHistogram.fromCounts({ scale, positive, sum: sumSeconds });
    return histogram.count === 0 ? null : Buffer.from(histogram.encode()).toString("base64");
  } catch {
    return null;
  }
}
