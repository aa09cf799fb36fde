import { performance } from "node:perf_hooks";
import type { Worker } from "node:worker_threads";
import { coresAvailable, LoopDelay, type LoopDelayReading, ProcessTimes } from "@pinchpoint/machine";
import type { Reading } from "@pinchpoint/otel";
import type { Recorder, Snapshot } from "@pinchpoint/probe";
import { complain } from "./complaint.ts";
import type { Settings } from "./config.ts";
import { Endpoint } from "./endpoint.ts";
import { HandOver } from "./hand-over.ts";
import type { Beating } from "./heartbeat.ts";
import { routesOf } from "./http-routes.ts";
import { includedBy } from "./include.ts";
import { type Readings, RecordingWriter } from "./record.ts";
import { Telemetry } from "./telemetry.ts";
import { ThreadReadings, threadSources } from "./thread-readings.ts";
import { timedOf } from "./timed-setting.ts";
import type { UnreachedThreads } from "./unreached-threads.ts";

export interface OutputOptions {
  readonly recorder: Recorder;
  /** Worker threads that live, by `threadId`. */
  readonly workers: ReadonlyMap<number, Worker>;
  readonly board: ArrayBufferLike;
  readonly pipeline: string;
  readonly settings: Settings;
  /** Where the recording begins: taken a moment ago. */
  readonly first: Snapshot;
  readonly unreached: UnreachedThreads;
}

/** Everything that leaves a process which records: snapshots to `pinchpoint run`, metrics to Prometheus. */
export class Output implements Beating {
  readonly #recorder: Recorder;
  readonly #unreached: UnreachedThreads;
  readonly #threads: ThreadReadings;
  readonly #process = new ProcessTimes();
  readonly #writer: RecordingWriter;
  readonly #handOver: HandOver | null;
  readonly #settings: Settings;
  readonly #endpoint: Endpoint;
  readonly #telemetry: Telemetry;
  #isTurned = false;

  /** The beginning, not written yet. */
  #first: { readonly snapshot: Snapshot; readonly readings: Readings } | null;

  constructor({ recorder, workers, board, pipeline, settings, first, unreached }: OutputOptions) {
    this.#recorder = recorder;
    this.#unreached = unreached;
    this.#threads = new ThreadReadings(threadSources(recorder, workers, board));
    this.#writer = new RecordingWriter({
      pid: process.pid,
      machine: { cores: coresAvailable(), node: process.version, platform: process.platform },
      clockOriginMs: performance.timeOrigin,
    });
    this.#first = { snapshot: first, readings: this.#readings(first) };
    // A process id may come again while the parent runs; it does not come again with the same start.
    const key = `${process.pid}-${Math.round(performance.timeOrigin).toString(36)}`;
    this.#settings = settings;
    const { handOverFolder: folder } = settings;
    this.#handOver = folder === null ? null : new HandOver({ folder, key });
    this.#endpoint = new Endpoint({
      settings,
      pipeline,
      newReader: () => this.newReader(),
    });
    this.#telemetry = new Telemetry({ recorder, settings, pipeline, newReader: () => this.newReader() });
  }

  /** What somebody reads who collects now and then: some of it is of the time since they read last. */
  newReader(): () => Reading {
    const readLoopDelay = loopDelayReader();
    return () => {
      const snapshot = this.#recorder.snapshot();
      const threads = this.#threads.read(snapshot.threads).map(({ snapshot: told, ...heap }) => ({ ...told, ...heap }));
      return {
        snapshot,
        threads,
        loopDelay: readLoopDelay(),
        room: this.#recorder.room(),
        exemplars: this.#recorder.exemplars(),
      };
    };
  }

  beat(isLast: boolean): void {
    // Where nobody hands over, nobody may ask for snapshots for a long time.
    this.#recorder.settle();
    if (this.#handOver === null) return;
    const snapshot = this.#recorder.snapshot();
    if (snapshot.stages.length === 0) return;
    this.#begin();
    this.#write(withUnreached(snapshot, this.#unreached), this.#readings(snapshot), isLast);
  }

  turn(): void {
    if (this.#isTurned) {
      this.#telemetry.turn();
      return;
    }
    if (this.#recorder.snapshot().stages.length === 0) {
      if (this.#recorder.areSpansMade) this.#telemetry.turn();
      return;
    }
    this.#isTurned = true;
    // At once, so that of a process which is killed within its first second it is known that it had stages.
    this.#begin();
    // Before the page, whose import() of the same package a require must not meet.
    this.#telemetry.turn();
    this.#endpoint.begin();
    const { file, routesText, includeText, timedText, handOverFolder } = this.#settings;
    const routes = routesOf(routesText);
    const included = includedBy(includeText);
    if (file.problem !== null) complain(handOverFolder, "bad-config", file.problem);
    if (routes.problem !== null) complain(handOverFolder, "bad-routes", routes.problem);
    const { problem: timedProblem } = timedOf(timedText);
    if (timedProblem !== null) complain(handOverFolder, "bad-timed", timedProblem);
    if (included.problem !== null) complain(handOverFolder, "bad-include", included.problem);
  }

  #begin(): void {
    if (this.#first !== null) this.#write(this.#first.snapshot, this.#first.readings, false);
    this.#first = null;
  }

  #readings(snapshot: Snapshot): Readings {
    const process = this.#process.read();
    const read = this.#threads.read(snapshot.threads, (osThreadId) => this.#process.lastOf(osThreadId));
    return { threads: read.map(({ snapshot: told }) => told), process };
  }

  #write(snapshot: Snapshot, readings: Readings, isLast: boolean): void {
    const handOver = this.#handOver;
    if (handOver === null) return;
    let text = textOf(this.#writer.lines(snapshot, readings, isLast));
    if (handOver.begins(Buffer.byteLength(text))) {
      this.#writer.beginFile();
      text = textOf(this.#writer.lines(snapshot, readings, isLast));
    }
    if (handOver.write(text)) return;
    this.#writer.beginFile();
    this.#recorder.lose("hand-over");
  }
}

/** Sampled from the first collection on: where nobody collects, its timer would be a cost for nothing. */
function loopDelayReader(): () => LoopDelayReading | null {
  let loopDelay: LoopDelay | null = null;
  return () => {
    if (loopDelay !== null) return loopDelay.read();
    loopDelay = new LoopDelay();
    loopDelay.start();
    return null;
  };
}

/** As the recording's format has it: importing it would load the verdict into every application. */
const NOT_REACHED: typeof import("@pinchpoint/verdict").NOT_REACHED = "thread-not-reached: ";

/** Threads that record nothing are a loss like others, told by the files that they run. */
function withUnreached(snapshot: Snapshot, threads: UnreachedThreads): Snapshot {
  const claimed = new Set(snapshot.threads.map(({ workerId }) => workerId));
  const unreached = threads.unreached(claimed);
  if (unreached.length === 0) return snapshot;
  const counts = unreached.map(({ name, threads }) => [`${NOT_REACHED}${name}`, threads] as const);
  return { ...snapshot, losses: { ...snapshot.losses, ...Object.fromEntries(counts) } };
}

function textOf(lines: readonly object[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}
