import type { ResourceRecorder } from "./resource.ts";
import { type StateIndex, USE, WAIT } from "./state-clock.ts";
import type { Work } from "./work.ts";

const ENDED = -1;

/**
 * One call of a resource by the code of a stage: it may wait first, then it uses, then it ends. The worker that made it
 * is in that state meanwhile, if it is still at the hand-over in which it made the call; the resource's own times count
 * on in any case. Never throws; steps that come twice, or after the end, mean nothing.
 */
export class ResourceCall {
  readonly #work: Work;
  /** Null where there was no room for it: the worker is in its states all the same. */
  readonly #row: ResourceRecorder | null;
  #state: StateIndex | typeof ENDED;
  #sinceMs: number;
  #visit: number;

  constructor(work: Work, row: ResourceRecorder | null, state: typeof WAIT | typeof USE, atMs: number) {
    this.#work = work;
    this.#row = row;
    this.#state = state;
    this.#sinceMs = atMs;
    this.#visit = work.visit(state, atMs);
    if (state === WAIT) row?.waitBegins(atMs);
    else row?.useBegins(atMs);
  }

  /** It has waited long enough: what it waited for is its own from now on. */
  uses(atMs: number): void {
    if (this.#state !== WAIT) return;
    const isStillThere = this.#leave(atMs);
    this.#state = USE;
    this.#sinceMs = atMs;
    // The worker may be at another hand-over by now, which has nothing to do with this call.
    this.#visit = isStillThere ? this.#work.visit(USE, atMs) : 0;
    this.#row?.useBegins(atMs);
  }

  /** @param outcome - `failed` where the application got an error, or an answer that says so */
  end(atMs: number, outcome: "ok" | "failed" | "unknown" = "ok"): void {
    if (this.#state === ENDED) return;
    this.#leave(atMs);
    this.#state = ENDED;
    if (outcome === "failed") this.#row?.fails();
  }

  #leave(atMs: number): boolean {
    const lengthMs = atMs - this.#sinceMs;
    if (this.#state === WAIT) this.#row?.waitEnds(atMs, lengthMs);
    else this.#row?.useEnds(atMs, lengthMs);
    return this.#work.endVisit(this.#visit, this.#state as StateIndex, atMs);
  }
}
