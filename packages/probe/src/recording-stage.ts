import { DeclaredCall } from "./declared-call.ts";
import { HandOver } from "./hand-over.ts";
import {
  asyncIteratorOf,
  type Resource,
  type RunOptions,
  type Stage,
  type Unit,
  type UnitDeclaration,
} from "./pipeline-stage.ts";
import { PulledIterator } from "./pulled-iterator.ts";
import type { Recorder } from "./recorder.ts";
import type { ResourceRecorder } from "./resource.ts";
import { runSettled } from "./settle.ts";
import type { StageRecorder } from "./stage.ts";
import { BLOCKED, SELF, STARVED, type StateIndex, USE, WAIT } from "./state-clock.ts";
import { countOr, runHolding, unitSpan } from "./unit.ts";
import { type CountEmitted, type UnitContext, UnitRunner } from "./unit-runner.ts";
import { runningWork } from "./work.ts";

/** A stage declared by hand, on a recorder. */
export class RecordingStage implements Stage {
  readonly name: string;
  readonly recorder: StageRecorder;
  readonly #opener: Recorder;
  readonly #runner: UnitRunner;
  readonly #openResource: (resource: Resource) => ResourceRecorder | null;
  readonly #resources = new WeakMap<Resource, { readonly row: ResourceRecorder | null }>();

  constructor(
    name: string,
    pipeline: string,
    opener: Recorder,
    recorder: StageRecorder,
    context: UnitContext = "ambient",
  ) {
    this.name = name;
    this.recorder = recorder;
    this.#opener = opener;
    this.#runner = new UnitRunner(recorder, context);
    this.#openResource = (resource) =>
      opener.openResource(recorder, {
        pipeline,
        name: resource.name,
        kind: resource.kind,
        capacity: resource.capacity,
      });
  }

  run<T>(work: () => T, options?: RunOptions<T>): T {
    // A program without types may pass null.
    if (options === undefined || options === null)
      return this.#runner.run(work, 1, undefined, unitSpan(this.recorder, 1, undefined));
    const items = countOr(options.items, 1);
    const span = unitSpan(this.recorder, items, options.parent);
    return this.#runner.run(work, items, options.emitted as CountEmitted | undefined, span);
  }

  pull<T>(input: AsyncIterable<T> | Iterable<T>): AsyncIterable<T> {
    return {
      [Symbol.asyncIterator]: () => {
        const iterator = asyncIteratorOf(input);
        const { recorder } = this;
        const worker = new PulledIterator(recorder, iterator);
        const pulled: AsyncIterableIterator<T> = {
          next: (...args) => {
            if (recorder.isCountedOnly) return iterator.next(...args);
            if (!worker.isPending && runningWork() === null) return worker.next(args);
            return this.#visit(STARVED, recorder.nowMs(), () => iterator.next(...args));
          },
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
    const isCall = resource.kind === "service" || resource.kind === "pool";
    return this.#visit(USE, startMs, work, (endMs) => row.useEnds(endMs, endMs - startMs), isCall);
  }

  start(options?: UnitDeclaration): Unit {
    const { recorder } = this;
    const items = countOr(options?.items, 1);
    recorder.arrived(items);
    const span = unitSpan(recorder, items, options?.parent);
    const handOver = new HandOver(recorder, SELF).begins(runningWork(), span);
    return {
      end: (outcome) => {
        if (handOver.isEnded) return;
        const error = outcome?.error;
        const isOk = error === undefined || error === null;
        handOver.finishes(isOk, items, recorder.nowMs());
        if (isOk) recorder.emitted(items);
      },
    };
  }

  close(): void {
    this.#opener.closeStage(this.recorder);
  }

  /** Spends the time until `work` is settled in a state: as the hand-over that is running here, or as a worker of its own. */
  #visit<T>(state: StateIndex, startMs: number, work: () => T, onEnd?: (endMs: number) => void, isCall = false): T {
    const { recorder } = this;
    const outer = this.#running();
    const handOver = outer ?? new HandOver(recorder, state).begins(runningWork(), null, startMs);
    const visit = outer === null ? 0 : outer.visit(state, startMs);
    const own = isCall ? new DeclaredCall(handOver) : handOver;
    return runSettled(state === USE ? () => runHolding(recorder, own, work, startMs) : work, () => {
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
