import {
  FROM_WORKER,
  type Lane,
  type MessageLanes,
  TO_WORKER,
  type TraceContext,
  type Traces,
} from "@pinchpoint/probe";

export interface LinkOptions {
  readonly lanes: MessageLanes;
  readonly traces: Traces;
  /** `threadId` of the worker, on both sides. */
  readonly workerId: number;
  /** As of LaneOwner. */
  readonly topId: number;
  /** Whether this thread is that worker. */
  readonly isWorker: boolean;
  /** A message goes without the context that it had. */
  readonly onLoss: () => void;
}

/**
 * One end of the two ports by which a worker thread and whoever started it talk. Both ends count what they post and what
 * they get, from the first message on, so that a context can be found again by its message's number.
 */
export class MessageLink {
  readonly #options: LinkOptions;
  /** Counts modulo 2^32. */
  #posted = 0;
  #received = 0;
  #out: Lane | null = null;
  #in: Lane | null = null;
  /** Of `MessageLanes.taken`, when it was looked for last. */
  #looked = 0;
  /** Messages whose posting has begun: what posting one reads may itself post. */
  #depth = 0;
  #hasPut = false;
  #isOver = false;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** A message is about to be posted. */
  posts(): void {
    this.#depth += 1;
    if (this.#depth > 1) this.#losesPut();
    else this.#hasPut = this.#puts();
  }

  /** @param isPosted - false where it could not be */
  hasPosted(isPosted: boolean): void {
    this.#depth -= 1;
    if (isPosted) this.#posted = (this.#posted + 1) >>> 0;
    else if (this.#hasPut) this.#out?.withdraw();
    this.#hasPut = false;
  }

  /** A message has come, by whichever way. @returns what goes with it */
  receives(): TraceContext | null {
    this.#received = (this.#received + 1) >>> 0;
    const { lanes, workerId, isWorker, onLoss } = this.#options;
    if (this.#in === null) {
      const { taken } = lanes;
      if (this.#looked === taken) return null;
      this.#looked = taken;
      this.#in = lanes.find(workerId, isWorker ? TO_WORKER : FROM_WORKER);
    }
    return this.#in?.take(this.#received, onLoss) ?? null;
  }

  /** The worker has ended: its lanes are not this link's any more. */
  ends(): void {
    this.#isOver = true;
    this.#out = null;
    this.#in = null;
  }

  #puts(): boolean {
    const { lanes, traces, workerId, topId, isWorker, onLoss } = this.#options;
    const context = this.#isOver ? null : traces.outgoing();
    if (context === null) return false;
    this.#out ??= lanes.take({ workerId, topId, direction: isWorker ? FROM_WORKER : TO_WORKER });
    const hasPut = this.#out?.put((this.#posted + 1) >>> 0, context) ?? false;
    if (!hasPut) onLoss();
    return hasPut;
  }

  /** Another message is posted first, so that the number is that one's. */
  #losesPut(): void {
    if (!this.#hasPut) return;
    this.#hasPut = false;
    this.#out?.withdraw();
    this.#options.onLoss();
  }
}
