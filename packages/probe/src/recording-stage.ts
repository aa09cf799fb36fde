import { HandOver } from "./hand-over.ts";
import { asyncIteratorOf, type Resource, type RunOptions, type Stage, type Unit } from "./pipeline-stage.ts";
import type { Recorder } from "./recorder.ts";
import type { ResourceRecorder } from "./resource.ts";
import { runSettled } from "./settle.ts";
import type { StageRecorder } from "./stage.ts";
import { BLOCKED, SELF, STARVED, type StateIndex, USE, WAIT } from "./state-clock.ts";
import { runAs, runningWork } from "./work.ts";

/** A stage declared by hand, on a recorder. */
export class RecordingStage implements Stage {
  readonly name: string;
  readonly recorder: StageRecorder;
  readonly #openResource: (resource: Resource) => ResourceRecorder | null;
  readonly #resources = new WeakMap<Resource, { readonly row: ResourceRecorder | null }>();

  constructor(name: string, pipeline: string, opener: Recorder, recorder: StageRecorder) {
    this.name = name;
    this.recorder = recorder;
    this.#openResource = (resource) =>
      opener.openResource(recorder, {
        pipeline,
        name: resource.name,
        kind: resource.kind,
        capacity: resource.capacity,
      });
  }

  run<T>(work: () => T, options?: RunOptions<T>): T {
    const { recorder } = this;
    const items = countOr(options?.items, 1);
    const startMs = recorder.nowMs();
    recorder.arrived(items);
    const handOver = new HandOver(recorder, SELF, startMs, runningWork());
    return runSettled(
      () => this.#work(handOver, work, startMs),
      (isOk, result) => {
        const serviceMs = handOver.end(recorder.nowMs());
        if (!isOk) {
          recorder.failed(items);
          return;
        }
        recorder.finished(items, serviceMs);
        recorder.emitted(countEmitted(options?.emitted as ((result: unknown) => number) | undefined, result, items));
      },
    );
  }

  pull<T>(input: AsyncIterable<T> | Iterable<T>): AsyncIterable<T> {
    return {
      [Symbol.asyncIterator]: () => {
        const iterator = asyncIteratorOf(input);
        const pulled: AsyncIterableIterator<T> = {
          next: (...args) => this.#visit(STARVED, this.recorder.nowMs(), () => iterator.next(...args)),
          [Symbol.asyncIterator]: () => pulled,
        };
        if (iterator.return !== undefined) {
          pulled.return = (...args) =>
            Reflect.apply(iterator.return as NonNullable<typeof iterator.return>, iterator, args);
        }
        if (iterator.throw !== undefined) {
          pulled.throw = (...args) =>
            Reflect.apply(iterator.throw as NonNullable<typeof iterator.throw>, iterator, args);
        }
        return pulled;
      },
    };
  }

  push<T>(handOver: () => T): T {
    return this.#visit(BLOCKED, this.recorder.nowMs(), handOver);
  }

  wait<T>(resource: Resource, acquire: () => T): T {
    const row = this.#resource(resource);
    const startMs = this.recorder.nowMs();
    if (row === null) return this.#visit(WAIT, startMs, acquire);
    row.waitBegins(startMs);
    return this.#visit(WAIT, startMs, acquire, (endMs) => row.waitEnds(endMs, endMs - startMs));
  }

  use<T>(resource: Resource, work: () => T): T {
    const row = this.#resource(resource);
    const startMs = this.recorder.nowMs();
    if (row === null) return this.#visit(USE, startMs, work);
    row.useBegins(startMs);
    return this.#visit(USE, startMs, work, (endMs) => row.useEnds(endMs, endMs - startMs));
  }

  start(options?: { readonly items?: number }): Unit {
    const { recorder } = this;
    const items = countOr(options?.items, 1);
    recorder.arrived(items);
    const handOver = new HandOver(recorder, SELF, recorder.nowMs(), runningWork());
    return {
      end: (outcome) => {
        if (handOver.isEnded) return;
        const serviceMs = handOver.end(recorder.nowMs());
        const error = outcome?.error;
        if (error === undefined || error === null) {
          recorder.finished(items, serviceMs);
          recorder.emitted(items);
        } else recorder.failed(items);
      },
    };
  }

  /** Spends the time until `work` is settled in a state: as the hand-over that is running here, or as a worker of its own. */
  #visit<T>(state: StateIndex, startMs: number, work: () => T, onEnd?: (endMs: number) => void): T {
    const { recorder } = this;
    const outer = this.#running();
    const handOver = outer ?? new HandOver(recorder, state, startMs, runningWork());
    const visit = outer === null ? 0 : outer.visit(state, startMs);
    return runSettled(state === USE ? () => this.#work(handOver, work, startMs) : work, () => {
      const endMs = recorder.nowMs();
      if (outer === null) handOver.end(endMs);
      else outer.endVisit(visit, state, endMs);
      onEnd?.(endMs);
    });
  }

  /**
   * The hand-over of this stage that the running code belongs to. Without it, a `push` beside other workers' `run` would
   * take one of them out of `self`.
   */
  #running(): HandOver | null {
    for (let work = runningWork(); work !== null; work = work.outer) {
      if (work.stage === this.recorder && work instanceof HandOver && !work.isEnded) return work;
    }
    return null;
  }

  /** Runs the stage's own code: its synchronous part holds the event loop, and what it begins belongs to the hand-over. */
  #work<T>(handOver: HandOver, work: () => T, startMs: number): T {
    const { recorder } = this;
    const previous = recorder.hold(startMs);
    try {
      return runAs(handOver, work);
    } finally {
      recorder.release(previous, recorder.nowMs());
    }
  }

  /** The stage's row for a resource; null where there was no room for it. */
  #resource(resource: Resource): ResourceRecorder | null {
    // A program without types may pass anything; it must run as it does unrecorded.
    if (typeof resource !== "object" || resource === null) return null;
    const known = this.#resources.get(resource);
    if (known !== undefined) return known.row;
    const row = this.#openResource(resource);
    this.#resources.set(resource, { row });
    return row;
  }
}

/** The application's own counting function may fail; then the items that came in are the best that is known. */
function countEmitted(emitted: ((result: unknown) => number) | undefined, result: unknown, items: number): number {
  if (emitted === undefined) return items;
  try {
    return countOr(emitted(result), items);
  } catch {
    return items;
  }
}

/** One count that is no count would spoil the sum for good. */
function countOr(count: number | undefined, otherwise: number): number {
  return count !== undefined && Number.isFinite(count) && count >= 0 ? count : otherwise;
}
