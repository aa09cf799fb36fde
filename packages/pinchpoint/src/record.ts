import { ATTRIBUTE, type DurationBuckets, OVERFLOW_ATTRIBUTE, type Snapshot } from "@pinchpoint/probe";
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
import { KeptStages } from "./kept-stages.ts";

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

/** Distributions are told this seldom: to encode them costs more than the rest of a snapshot. */
const DISTRIBUTIONS_EVERY_MS = 10_000;

/** Turns snapshots of one process into lines of `pinchpoint.recording/v1`. */
export class RecordingWriter {
  readonly #origin: RecordedOrigin;
  readonly #kept = new KeptStages();
  /** Most threads that had the stage at once, by stage: workers are declared for each thread. */
  readonly #threads = new Map<number, number>();
  #headerText = "";
  /** When the distributions were told last; -Infinity = never. */
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(origin: RecordedOrigin) {
    this.#origin = origin;
  }

  /**
   * A snapshot, and before it a header where the graph has changed since the last one.
   *
   * @param isLast - no other will follow: it tells everything
   */
  lines(taken: Snapshot, readings: Readings, isLast: boolean): RecordingLine[] {
    const snapshot = this.#kept.of(taken);
    this.#countThreads(snapshot);
    const header = this.#header(snapshot);
    const headerText = JSON.stringify(header);
    const isKnown = headerText === this.#headerText;
    this.#headerText = headerText;
    const tells = isLast || snapshot.atMs >= this.#toldMs + DISTRIBUTIONS_EVERY_MS;
    if (tells) this.#toldMs = snapshot.atMs;
    const line = snapshotLine(snapshot, readings, this.#origin, tells ? encoded : untold);
    return isKnown ? [line] : [header, line];
  }

  /** The next snapshot gets a header, and tells its distributions, whether or not it is time: a new file begins. */
  beginFile(): void {
    this.#headerText = "";
    this.#toldMs = Number.NEGATIVE_INFINITY;
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
      stages: snapshot.stages.map(({ id, pipeline, name, role, workers, attributes }): RecordedStage => {
        const declared = workers === null ? null : workers * (this.#threads.get(id) ?? 1);
        const port = Number(attributes[ATTRIBUTE.serverPort]);
        const isOverflow = attributes[OVERFLOW_ATTRIBUTE] !== undefined;
        return {
          id,
          pipeline,
          name,
          role,
          workers: declared,
          ...(port > 0 ? { port } : {}),
          ...(isOverflow ? { isOverflow } : {}),
        };
      }),
      edges: snapshot.edges,
      resources: snapshot.resources.map(({ id, name, kind, capacity }) => ({ id, name, kind, capacity })),
    };
  }
}

type Encode = (buckets: DurationBuckets) => EncodedHistogram;

const untold: Encode = () => null;

function snapshotLine(
  snapshot: Snapshot,
  readings: Readings,
  origin: RecordedOrigin,
  encode: Encode,
): RecordingSnapshot {
  return {
    kind: "snapshot",
    atSeconds: (origin.clockOriginMs + snapshot.atMs) / 1000,
    stages: snapshot.stageRows.map((row): StageSnapshot => ({ ...row, duration: encode(row.duration) })),
    resources: snapshot.resourceRows.map(
      (row): ResourceSnapshot => ({ ...row, wait: encode(row.wait), use: encode(row.use) }),
    ),
    threads: readings.threads,
    processes: [{ process: PROCESS, ...readings.process }],
    losses: snapshot.losses,
  };
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
