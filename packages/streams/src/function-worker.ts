import { BLOCKED, type Method, STARVED, type StageRecorder } from "@pinchpoint/probe";
import { StreamWorker } from "./stream-worker.ts";
import type { Turn } from "./turn.ts";

/** One call of a stage's function: a worker, and what it has in hand. */
export class FunctionWorker {
  readonly stage: StageRecorder;
  readonly #worker: StreamWorker;
  /** A function without an input makes an item for each that it is asked for. */
  readonly #isSource: boolean;
  #sinceMs = 0;
  #blockedMs = 0;
  #blockedSinceMs = 0;

  constructor(stage: StageRecorder, turn: Turn, isSource: boolean) {
    this.stage = stage;
    this.#worker = new StreamWorker(stage, turn, BLOCKED);
    this.#isSource = isSource;
    this.#blockedSinceMs = stage.nowMs();
  }

  /** Runs the stage's own code until it returns; where it throws, it has come to its end. */
  runs(method: Method, self: unknown, args: unknown[]): unknown {
    const startMs = this.stage.nowMs();
    if (this.#worker.state === BLOCKED) this.#blockedMs += startMs - this.#blockedSinceMs;
    if (this.#isSource) this.#sinceMs = this.stage.timedFrom(startMs);
    this.#worker.begins(startMs);
    const previous = this.stage.hold(startMs);
    // Not caught and thrown again: Node would print our line in the place of the application's.
    let hasThrown = true;
    try {
      const returned: unknown = this.#worker.applies(method, self, args);
      hasThrown = false;
      return returned;
    } finally {
      this.stage.release(previous, this.stage.nowMs());
      if (hasThrown) this.ends(false);
    }
  }

  /** It asks for its next item: with that, it is done with the one before. */
  asks(): void {
    const atMs = this.stage.nowMs();
    this.#finishes(true, atMs);
    this.#worker.to(STARVED, atMs);
  }

  /** It is given an item, or told that there are no more. */
  isGiven(hasItem: boolean, item: unknown): void {
    const atMs = this.stage.nowMs();
    this.#blockedMs = 0;
    if (hasItem) this.#worker.arrives(1, atMs, item);
    else this.#worker.begins(atMs);
  }

  /** It hands over an item, and is not asked for the next one yet. */
  gives(item: unknown): void {
    const atMs = this.stage.nowMs();
    if (this.#isSource) {
      this.stage.arrived(1);
      this.stage.finished(1, atMs - this.#sinceMs);
      this.#worker.makes(item, Number.isNaN(this.#sinceMs) ? atMs : this.#sinceMs, atMs);
    } else this.#worker.handsOn(item);
    this.stage.emitted(1);
    this.#blockedSinceMs = atMs;
    this.#worker.to(BLOCKED, atMs);
  }

  /** It has returned what it will be asked by. */
  isDoneForNow(): void {
    this.#blockedSinceMs = this.stage.nowMs();
    this.#worker.to(BLOCKED, this.#blockedSinceMs);
  }

  /** It has come to its end, or has failed at the item that it had. */
  ends(isOk: boolean): void {
    if (this.#worker.isEnded) return;
    if (!isOk && this.#isSource) {
      this.stage.arrived(1);
      this.stage.failed(1);
    }
    this.#finishes(isOk, this.stage.nowMs());
    this.#worker.end();
  }

  /** Nobody wants any more of it. */
  isLeft(): void {
    this.#worker.end();
  }

  /** What it waited for its consumer is not its service time. */
  #finishes(isOk: boolean, atMs: number): void {
    this.#worker.finishes(isOk, atMs - this.#blockedMs);
  }
}
