import type { Span } from "./span.ts";
import type { StageRecorder } from "./stage.ts";
import type { StateIndex } from "./state-clock.ts";
import type { Work } from "./work.ts";

/** The use of a service or a pool that was declared: what finds calls by itself must not count them once more. */
export class DeclaredCall implements Work {
  readonly isCall = true;
  readonly #work: Work;

  constructor(work: Work) {
    this.#work = work;
  }

  get stage(): StageRecorder | null {
    return this.#work.stage;
  }

  get span(): Span | null {
    return this.#work.span;
  }

  get isWorking(): boolean {
    return this.#work.isWorking;
  }

  get outer(): Work {
    return this.#work;
  }

  visit(state: StateIndex, atMs: number): number {
    return this.#work.visit(state, atMs);
  }

  endVisit(visit: number, state: StateIndex, atMs: number): boolean {
    return this.#work.endVisit(visit, state, atMs);
  }
}
