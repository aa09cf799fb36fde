import { performance } from "node:perf_hooks";
import { ATTRIBUTE, type Exemplar, type Room, type Snapshot } from "@pinchpoint/probe";
import { DURATION_BOUNDS_SECONDS } from "./explicit-buckets.ts";
import { type BoundsByMetric, metricBounds } from "./metric-bounds.ts";
import { MetricTables } from "./metric-tables.ts";
import { StageSeries } from "./stage-series.ts";
import { type ThreadReading, ThreadSeries } from "./thread-series.ts";

/** How late the main thread's event loop ran what was due, since the last collection. */
export interface LoopDelay {
  readonly meanSeconds: number;
  readonly p50Seconds: number;
  readonly p99Seconds: number;
  readonly maxSeconds: number;
}

export interface Reading {
  readonly snapshot: Snapshot;
  readonly threads: readonly ThreadReading[];
  /** Null, or absent, where nothing was sampled. */
  readonly loopDelay?: LoopDelay | null;
  /** Absent where nobody knows. */
  readonly room?: Room;
  /** Hand-overs that have a span, the newest ones; they are shown where the format can. */
  readonly exemplars?: readonly Exemplar[];
}

export interface CollectorOptions {
  /** Called once for each collection. What it throws becomes the collection's error. */
  readonly read: () => Reading;
  /** Series of one metric, the overflow included; an integer >= 2, default 2,000. */
  readonly maxSeries?: number;
  /**
   * Inclusive upper bounds of the explicit buckets, ascending, 100 at most: of all durations of stages and resources, or
   * by the metric's name and `default`. Default: the powers of two from 15 µs to 64 s.
   */
  readonly boundsSeconds?: readonly number[] | BoundsByMetric;
  /** Milliseconds of a clock that measures how long collections take; default `performance.now`. */
  readonly nowMs?: () => number;
}

/** Makes series of what one reader reads: they are its own, so that readers neither share nor disturb anything. */
export class Collector {
  readonly tables: MetricTables;
  readonly stages: StageSeries;
  readonly #read: () => Reading;
  readonly #nowMs: () => number;
  readonly #threads = new ThreadSeries();
  readonly #collectBounds: readonly number[];
  /** Collections by how long they took; length = bounds + 1; last is overflow. */
  readonly #collectCounts: number[];
  #collectSeconds = 0;
  #collections = 0;

  /**
   * @param isExact - whether durations stay on the recorder's grid, instead of being folded into explicit buckets
   * @throws RangeError if maxSeries or boundsSeconds is not as described
   */
  constructor(options: CollectorOptions, isExact: boolean) {
    const { maxSeries = 2000, boundsSeconds = DURATION_BOUNDS_SECONDS, nowMs = () => performance.now() } = options;
    if (!Number.isInteger(maxSeries) || maxSeries < 2) {
      throw new RangeError(`maxSeries must be an integer >= 2, got ${maxSeries}`);
    }
    const bounds = metricBounds(boundsSeconds);
    this.#read = options.read;
    this.#nowMs = nowMs;
    this.#collectBounds = bounds.get("collectDuration") ?? [];
    this.#collectCounts = new Array<number>(this.#collectBounds.length + 1).fill(0);
    this.tables = new MetricTables({ maxSeries, bounds, isExact });
    this.stages = new StageSeries(this.tables);
  }

  /**
   * Reads, and has it told. How long both took is in the next collection.
   *
   * @throws what reading throws
   */
  collect<Told>(tell: (reading: Reading) => Told): Told {
    const beganMs = this.#nowMs();
    try {
      const reading = this.#read();
      this.#add(reading);
      return tell(reading);
    } finally {
      this.#took((this.#nowMs() - beganMs) / 1000);
    }
  }

  #add({ snapshot, threads, loopDelay, room }: Reading): void {
    const { tables } = this;
    tables.begin();
    this.stages.add(snapshot);
    this.#threads.add(tables, snapshot, threads);
    if (loopDelay) this.#addLoopDelay(loopDelay);
    if (room !== undefined) this.#addRoom(room);
    if (this.#collections > 0) tables.addCounts("collectDuration", {}, this.#collectCounts, this.#collectSeconds);
    for (const [reason, count] of Object.entries(snapshot.losses)) this.#addLoss(reason, count);
    // Told from the start, at 0, so that a rule can be built on them.
    this.#addLoss("series-limit", tables.refused);
    this.#addLoss("not-finite", tables.notFinite);
  }

  #took(seconds: number): void {
    // A clock that stepped back would make the sum fall.
    if (!(seconds >= 0 && seconds < Infinity)) return;
    const found = this.#collectBounds.findIndex((bound) => seconds <= bound);
    const bucket = found === -1 ? this.#collectBounds.length : found;
    this.#collectCounts[bucket] = (this.#collectCounts[bucket] ?? 0) + 1;
    this.#collectSeconds += seconds;
    this.#collections += 1;
  }

  #addLoopDelay({ meanSeconds, p50Seconds, p99Seconds, maxSeconds }: LoopDelay): void {
    const attributes = { [ATTRIBUTE.threadRole]: "main" };
    this.tables.add("loopDelayMean", attributes, meanSeconds);
    this.tables.add("loopDelayP50", attributes, p50Seconds);
    this.tables.add("loopDelayP99", attributes, p99Seconds);
    this.tables.add("loopDelayMax", attributes, maxSeconds);
  }

  #addRoom({ rowsInUse, rowLimit, threadsInUse, threadLimit }: Room): void {
    this.tables.add("rowsInUse", {}, rowsInUse);
    this.tables.add("rowLimit", {}, rowLimit);
    this.tables.add("threadsInUse", {}, threadsInUse);
    this.tables.add("threadLimit", {}, threadLimit);
  }

  #addLoss(reason: string, count: number): void {
    this.tables.add("dropped", { [ATTRIBUTE.reason]: reason }, count);
  }
}
