import { type Clock, steadyClock } from "./clock.ts";
import { type Exemplar, Exemplars } from "./exemplar.ts";
import { type HoldAccount, LoopHold } from "./loop-hold.ts";
import { type LossReason, lossIndex } from "./losses.ts";
import { type OutsideHold, OutsideHolder } from "./outside.ts";
import { Pace, type PaceOptions } from "./pace.ts";
import { ResourceRecorder } from "./resource.ts";
import { ResourceCall } from "./resource-call.ts";
import { encodeRow, type RowDefinition, rowKey, shorterRow } from "./row-definition.ts";
import { CLAIM, CLAIM_BYTES, HEADER, MAX_ROWS, MAX_THREADS, ROLE, SLAB_BYTES, Slab, type SlabShare } from "./slab.ts";
import type { ResourceKind, Snapshot } from "./snapshot.ts";
import { SnapshotReader } from "./snapshot-reader.ts";
import { SPAN_RING_BYTES, type SpanRecord, SpanRing } from "./span-ring.ts";
import { type StageOptions, StageRecorder } from "./stage.ts";
import type { USE, WAIT } from "./state-clock.ts";
import { TRACES_PER_SECOND, Traces } from "./traces.ts";
import type { Tracing } from "./tracing.ts";
import { runningSpan, runningWork } from "./work.ts";

/** Which operating-system thread a recorder writes for. */
export interface ThreadIdentity {
  readonly name: string;
  readonly osThreadId: number | null;
  /** `threadId` of worker_threads; 0 in the main thread. */
  readonly workerId: number;
}

export interface ResourceOptions {
  readonly pipeline: string;
  readonly name: string;
  readonly kind: ResourceKind;
  readonly capacity?: number | null;
}

/** How much of the memory of the process's slabs is taken. */
export interface Room {
  /** Of stages and of what they call, on all threads; a row is taken until the process ends. */
  readonly rowsInUse: number;
  readonly rowLimit: number;
  /** Threads that have recorded, those that have ended included. */
  readonly threadsInUse: number;
  readonly threadLimit: number;
}

/** Names of what holds a thread's loop outside of its stages; what comes later is one of them, without a name of its own. */
const MOST_OUTSIDE = 64;
const REST_OUTSIDE = "others";

/** What a stage calls, by the name that the resource has within the stage's pipeline. */
export type CalledResource = Omit<ResourceOptions, "pipeline">;

/** Records what the stages of this thread do into its slab. One per thread; opening is slow, recording is not. */
export class Recorder {
  readonly share: SlabShare;
  /** The spans of this thread. */
  readonly traces: Traces;
  readonly #slab: Slab;
  readonly #clock: Clock;
  readonly #loop: LoopHold;
  readonly #pace: Pace;
  readonly #stages = new Map<string, StageRecorder>();
  readonly #resources = new Map<string, ResourceRecorder>();
  /** What each stage of this recorder calls, by name: contexts may reach code of stages that another one records. */
  readonly #called = new Map<StageRecorder, Map<string, ResourceRecorder | null>>();
  readonly #edges = new Set<number>();
  readonly #outside = new Map<string, OutsideHolder>();
  readonly #reader: SnapshotReader | null;
  readonly #exemplars = new Exemplars();
  #ring: SpanRing | null = null;
  #listener: (atMs: number) => void = () => {};
  #onFirstStage: (() => void) | null = null;

  private constructor(share: SlabShare, slab: Slab, clock: Clock, reader: SnapshotReader | null, pace?: PaceOptions) {
    this.share = share;
    this.traces = new Traces(() => slab.lose(lossIndex("span")), runningSpan);
    this.#slab = slab;
    const steady = steadyClock(clock, () => slab.lose(lossIndex("clock")));
    this.#loop = new LoopHold(steady, runningAccount);
    this.#pace = new Pace(steady, this.#loop, (atMs) => this.#onMoment(atMs), pace);
    this.#clock = { nowMs: () => this.#pace.nowMs(), idleMs: steady.idleMs };
    this.#reader = reader;
    // A worker thread's are told by the main thread, when it has exported them.
    if (reader !== null) this.traces.onKeptUnit((unit) => this.#exemplars.add(unit));
  }

  /** The recorder of a process's main thread; it owns the slabs of all threads. */
  static forProcess(clock: Clock, identity: ThreadIdentity, pace?: PaceOptions): Recorder {
    const buffers = Array.from({ length: MAX_THREADS }, () => new SharedArrayBuffer(SLAB_BYTES));
    // Zeroed when they are first touched: rings that nobody writes cost no memory.
    const spans = buffers.map(() => new SharedArrayBuffer(SPAN_RING_BYTES));
    const share = { buffers, spans, claims: new SharedArrayBuffer(CLAIM_BYTES) };
    const { slab } = claimSlab(share, identity, ROLE.main) as Claimed;
    return new Recorder(share, slab, clock, new SnapshotReader(share), pace);
  }

  /** The recorder of a worker thread; null, and counted in the process, where all slabs are taken. */
  static forWorker(share: SlabShare, clock: Clock, identity: ThreadIdentity, pace?: PaceOptions): Recorder | null {
    const claimed = claimSlab(share, identity, ROLE.worker);
    if (claimed === null) return null;
    const recorder = new Recorder(share, claimed.slab, clock, null, pace);
    recorder.#ring = claimed.ring;
    return recorder;
  }

  /**
   * From now on the spans of all threads of the process are kept: those of this one by `tracing`, those of workers until
   * `takeSpans`; null = no longer. Belongs to the main thread's recorder.
   *
   * @param perSecond - how many traces a stage begins in a second at most on a thread, a whole number > 0
   */
  keepSpans(tracing: Tracing | null, perSecond: number = TRACES_PER_SECOND): void {
    Atomics.store(new Int32Array(this.share.claims), CLAIM.tracesPerSecond, tracing === null ? 0 : perSecond);
    this.traces.keepBy(tracing, perSecond);
  }

  /** Spans of this worker thread are kept as soon as its main thread wants them. */
  keepSpansFor(make: (ring: SpanRing) => Tracing): void {
    const claims = new Int32Array(this.share.claims);
    const ring = this.#ring;
    if (ring === null) return;
    this.traces.keepWhen(
      () => Atomics.load(claims, CLAIM.tracesPerSecond),
      () => make(ring),
    );
  }

  /**
   * The spans of worker threads that have ended since it was called last. Those that a thread left open which is gone are
   * counted as lost, once. Belongs to the main thread's recorder.
   */
  takeSpans(): SpanRecord[] {
    return this.share.spans.flatMap((buffer, slot) => {
      const ring = new SpanRing(buffer);
      const slab = new Slab(this.share.buffers[slot] as SharedArrayBuffer);
      if (slab.roleCode !== ROLE.worker) return [];
      const isGone = slab.header(HEADER.endedAtMs) > 0;
      const records = ring.take();
      if (isGone) for (let left = ring.forgetOpen(); left > 0; left--) this.lose("span");
      return records;
    });
  }

  /** A span that `takeSpans` gave is kept by whoever exports it. */
  keptSpan(record: SpanRecord): void {
    const { serviceMs } = record;
    if (serviceMs !== undefined) this.#exemplars.add({ ...record, serviceMs });
  }

  /**
   * Hand-overs that went well and whose spans are kept, of all threads: of each stage and octave of durations the newest.
   * Belongs to the main thread's recorder.
   */
  exemplars(): readonly Exemplar[] {
    return this.#exemplars.all();
  }

  nowMs(): number {
    return this.#pace.nowMs();
  }

  /**
   * Calls back at moments at which something was recorded anyway, at most as often as stages release the loop. There is
   * one listener; a later one takes its place. What it throws is counted as `hand-over`.
   */
  onMoment(listener: (atMs: number) => void): void {
    this.#listener = listener;
  }

  /** Calls back once, when this thread opens its first stage. What it throws is counted as `not-patched`. */
  onFirstStage(listener: () => void): void {
    this.#onFirstStage = listener;
  }

  lose(reason: LossReason): void {
    this.#slab.lose(lossIndex(reason));
  }

  /** The stage's row on this thread, opened at the first call; null, and counted, where there is no room. */
  openStage(options: StageOptions): StageRecorder | null {
    const { pipeline, name, role, workers = null, attributes = {} } = options;
    const definition: RowDefinition = { kind: "stage", pipeline, name, role, workers, attributes };
    const stage = this.#open(
      this.#stages,
      definition,
      (row) => new StageRecorder(options, this.#slab, row, this.#loop, this.#pace, this.#onMoment, this.traces),
    );
    if (stage === null || this.#called.has(stage)) return stage;
    this.#called.set(stage, new Map());
    this.#tellFirstStage();
    return stage;
  }

  /** The row of what `stage` does with a resource on this thread; null, and counted, where there is no room. */
  openResource(stage: StageRecorder, options: ResourceOptions): ResourceRecorder | null {
    const { pipeline, name, kind, capacity = null } = options;
    const definition: RowDefinition = {
      kind: "resource",
      pipeline,
      name,
      resourceKind: kind,
      stage: stage.row,
    };
    const opened = this.#open(this.#resources, definition, (row) => new ResourceRecorder(this.#slab, row));
    opened?.serves(capacity);
    return opened;
  }

  /**
   * The running code calls something that its stage then waits for, or uses at once.
   *
   * @returns null where it belongs to no stage of this thread, or is the use of a declared resource, or where there is no room for the resource
   */
  beginCall(resource: CalledResource, state: typeof WAIT | typeof USE, atMs: number): ResourceCall | null {
    const work = runningWork();
    const stage = work?.stage ?? null;
    const rows = stage === null ? undefined : this.#called.get(stage);
    if (work === null || stage === null || rows === undefined || work.isCall === true) return null;
    let row = rows.get(resource.name);
    if (row === undefined) {
      row = this.openResource(stage, { pipeline: stage.pipeline, ...resource });
      rows.set(resource.name, row);
    } else row?.serves(resource.capacity ?? null);
    return row === null ? null : new ResourceCall(work, row, state, atMs);
  }

  /** What holds this thread's loop outside of all stages, by the name that people are told. */
  outsideHolder(name: string): OutsideHolder {
    const isRoom = this.#outside.size < MOST_OUTSIDE - 1;
    const known = this.#outside.get(name) ?? (isRoom ? undefined : this.#outside.get(REST_OUTSIDE));
    if (known !== undefined) return known;
    const holder = new OutsideHolder(isRoom ? name : REST_OUTSIDE, this.#loop, this.#clock);
    this.#outside.set(holder.name, holder);
    return holder;
  }

  /** Those of this thread that have held its loop. */
  outsideHolds(): readonly OutsideHold[] {
    return [...this.#outside.values()].filter(({ heldSeconds }) => heldSeconds > 0);
  }

  /** Items flow from one stage to another, both opened on this thread. Said once or often, it is one edge. */
  connect(from: StageRecorder, to: StageRecorder): void {
    const edge = from.row * MAX_ROWS + to.row;
    if (this.#edges.has(edge)) return;
    this.#edges.add(edge);
    if (!this.#slab.addEdge(from.row, to.row)) this.lose("edge-limit");
  }

  /** What all threads of the process have recorded; only the process's own recorder can tell. */
  snapshot(): Snapshot {
    if (this.#reader === null) throw new TypeError("snapshot() belongs to the main thread's recorder, not a worker's");
    return this.#reader.read(this.nowMs());
  }

  /** What is taken of the rows and the threads that there is room for; what is beyond is counted as lost. */
  room(): Room {
    const slabs = this.share.buffers.map((buffer) => new Slab(buffer)).filter(({ roleCode }) => roleCode !== 0);
    return {
      rowsInUse: slabs.reduce((rows, { rowCount }) => rows + rowCount, 0),
      rowLimit: MAX_ROWS * MAX_THREADS,
      threadsInUse: slabs.length,
      threadLimit: MAX_THREADS,
    };
  }

  /** Whether a worker thread has begun to record, be it of this thread or of another one of the process. */
  hasThread(workerId: number): boolean {
    return this.#slabsOf(workerId).length > 0;
  }

  /** A worker thread has ended: its times stop now. */
  endThread(workerId: number): void {
    const atMs = this.nowMs();
    for (const slab of this.#slabsOf(workerId)) {
      if (slab.header(HEADER.endedAtMs) === 0) slab.setHeader(HEADER.endedAtMs, atMs);
    }
  }

  #slabsOf(workerId: number): readonly Slab[] {
    return this.share.buffers
      .map((buffer) => new Slab(buffer))
      .filter((slab) => slab.roleCode === ROLE.worker && slab.header(HEADER.workerId) === workerId);
  }

  /** The listener runs within the application's own calls, which it must not break. */
  readonly #onMoment = (atMs: number): void => {
    try {
      this.#listener(atMs);
    } catch {
      this.lose("hand-over");
    }
  };

  #tellFirstStage(): void {
    const listener = this.#onFirstStage;
    this.#onFirstStage = null;
    try {
      listener?.();
    } catch {
      this.lose("not-patched");
    }
  }

  #encodeShorter(definition: RowDefinition): Uint8Array | null {
    this.lose("text-limit");
    const shorter = shorterRow(definition);
    return shorter === null ? null : encodeRow(shorter);
  }

  #open<Row>(rows: Map<string, Row>, definition: RowDefinition, make: (row: number) => Row): Row | null {
    const key = rowKey(definition);
    const known = rows.get(key);
    if (known !== undefined) return known;
    const text = encodeRow(definition) ?? this.#encodeShorter(definition);
    if (text === null) return null;
    const row = this.#slab.addRow(text);
    if (row === null) {
      this.lose("stage-limit");
      return null;
    }
    const opened = make(row);
    rows.set(key, opened);
    return opened;
  }
}

function runningAccount(): HoldAccount | null {
  const work = runningWork();
  return work?.isWorking ? (work.stage?.account ?? null) : null;
}

interface Claimed {
  readonly slab: Slab;
  readonly ring: SpanRing;
}

function claimSlab(share: SlabShare, identity: ThreadIdentity, roleCode: number): Claimed | null {
  const slot = Atomics.add(new Int32Array(share.claims), CLAIM.slabs, 1);
  const buffer = share.buffers[slot];
  if (buffer === undefined) return null;
  const slab = new Slab(buffer);
  slab.setHeader(HEADER.osThreadId, identity.osThreadId ?? 0);
  slab.setHeader(HEADER.workerId, identity.workerId);
  slab.name = identity.name;
  slab.roleCode = roleCode;
  return { slab, ring: new SpanRing(share.spans[slot] as SharedArrayBuffer) };
}
