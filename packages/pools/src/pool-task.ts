import {
  ATTRIBUTE,
  type Recorder,
  type ResourceCall,
  SELF,
  type Span,
  type StageRecorder,
  WAIT,
} from "@pinchpoint/probe";

/** One task of a pool: it queues, a worker has it, it ends. Steps that come twice, or after the end, mean nothing. */
export interface PoolTask {
  /** What it is in a trace; null where nobody keeps spans. */
  readonly span: Span | null;
  uses(atMs: number): void;
  end(atMs: number, outcome: Outcome): void;
}

export type Outcome = "ok" | "failed" | "unknown";

export interface TaskOptions {
  readonly pipeline: string;
  /** The file that the pool's workers run. */
  readonly name: string;
  /** How many tasks the pool runs at once. */
  readonly capacity: number;
}

/**
 * A task that the running code hands to a pool: a call of its stage; where no stage runs, a hand-over of the pool's own
 * stage, so that an application that has nothing but a pool gets an answer too.
 *
 * @returns null, and it is counted, where there is no room for either
 */
export function openTask(recorder: Recorder, { pipeline, name, capacity }: TaskOptions): PoolTask | null {
  const atMs = recorder.nowMs();
  const call: ResourceCall | null = recorder.beginCall({ name, kind: "pool", capacity }, WAIT, atMs);
  if (call !== null) return new CalledTask(call, callSpan(recorder, { pipeline, name, capacity }, atMs));
  const stage = recorder.openStage({ pipeline, name, role: "stage", workers: capacity });
  return stage === null ? null : new OwnTask(stage, ownSpan(stage, atMs), atMs);
}

function callSpan({ traces }: Recorder, { pipeline, name }: TaskOptions, atMs: number): Span | null {
  if (!traces.isOn) return null;
  const attributes = { [ATTRIBUTE.pipeline]: pipeline, [ATTRIBUTE.resource]: name };
  return traces.child({ name, kind: "internal", atMs, attributes }, traces.active());
}

function ownSpan(stage: StageRecorder, atMs: number): Span | null {
  const { traces } = stage;
  return traces.isOn ? traces.root(stage.spanStart(atMs, 1), traces.active()) : null;
}

/** A task of the stage that asked for it. */
class CalledTask implements PoolTask {
  readonly span: Span | null;
  readonly #call: ResourceCall;

  constructor(call: ResourceCall, span: Span | null) {
    this.#call = call;
    this.span = span;
  }

  uses(atMs: number): void {
    this.#call.uses(atMs);
  }

  end(atMs: number, outcome: Outcome): void {
    this.#call.end(atMs, outcome);
    this.span?.end(atMs, outcome);
  }
}

const QUEUED = 0;
const RUNNING = 1;
const ENDED = 2;

/** A task that nobody's stage asked for. */
class OwnTask implements PoolTask {
  readonly span: Span | null;
  readonly #stage: StageRecorder;
  #state: typeof QUEUED | typeof RUNNING | typeof ENDED = QUEUED;
  readonly #openedMs: number;
  #startMs = 0;

  constructor(stage: StageRecorder, span: Span | null, openedMs: number) {
    this.#stage = stage;
    this.#openedMs = openedMs;
    this.span = span;
    stage.arrived(1);
  }

  uses(atMs: number): void {
    if (this.#state !== QUEUED) return;
    this.#state = RUNNING;
    this.#startMs = atMs;
    this.#stage.enter(SELF, atMs);
  }

  end(atMs: number, outcome: Outcome): void {
    if (this.#state === ENDED) return;
    const durationMs = this.#state === RUNNING ? atMs - this.#startMs : 0;
    if (this.#state === RUNNING) this.#stage.leave(SELF, atMs);
    this.#state = ENDED;
    this.#stage.ends(this.span, this.#openedMs, atMs, 1, outcome, durationMs);
    if (outcome === "failed") this.#stage.failed(1);
    else if (outcome === "unknown") this.#stage.dropped(1);
    else {
      this.#stage.finished(1, durationMs);
      this.#stage.emitted(1);
    }
  }
}
