import type { AnyRecorder, Attachments } from "./any-recorder.ts";
import { type Allocation, Arena, allocateArena, isShared, sharedMemory } from "./arena.ts";
import {
  areSpansWanted,
  type ClaimedSlot,
  claimForWorker,
  type SlabShare,
  type ThreadIdentity,
  tracesPerSecond,
} from "./claimed-slot.ts";
import { type Clock, steadyClock } from "./clock.ts";
import { type Exemplar, Exemplars } from "./exemplar.ts";
import { type HoldAccount, LoopHold } from "./loop-hold.ts";
import { type LossReason, lossIndex } from "./losses.ts";
import { MESSAGE_LANES_BYTES } from "./message-lanes.ts";
import { Moments } from "./moments.ts";
import { OpenedRows, type ResourceOptions } from "./opened-rows.ts";
import { type OutsideHold, OutsideHolder } from "./outside.ts";
import { Pace, type PaceOptions } from "./pace.ts";
import type { ResourceRecorder } from "./resource.ts";
import { ResourceCall } from "./resource-call.ts";
import { SEGMENT_ROWS, Slab } from "./slab.ts";
import { CONTROL, MAX_THREADS } from "./slot-memory.ts";
import type { Snapshot } from "./snapshot.ts";
import { SnapshotReader } from "./snapshot-reader.ts";
import { SPAN_RING_BYTES, type SpanRecord, SpanRing } from "./span-ring.ts";
import { type StageOptions, StageRecorder } from "./stage.ts";
import type { USE, WAIT } from "./state-clock.ts";
import { claimSlot, SLOT_PHASE, slotsOf, type ThreadSlot } from "./thread-slot.ts";
import { TRACES_PER_SECOND, Traces } from "./traces.ts";
import type { Tracing } from "./tracing.ts";
import { runningSpan, runningWork } from "./work.ts";
import { WorkerSpans } from "./worker-spans.ts";

/** How much of the memory of the process's slabs is taken. */
export interface Room {
  /** Of stages that are open and of what they call, on the threads that live. */
  readonly rowsInUse: number;
  readonly rowLimit: number;
  /** Threads that record. */
  readonly threadsInUse: number;
  readonly threadLimit: number;
}

/** Names of what holds a thread's loop outside of its stages; what comes later is one of them, without a name of its own. */
const MOST_OUTSIDE = 64;
const REST_OUTSIDE = "others";

/** What a stage calls, by the name that the resource has within the stage's pipeline. */
export type CalledResource = Omit<ResourceOptions, "pipeline">;

/** Records what the stages of this thread do into its slab. One per thread; opening is slow, recording is not. */
export class Recorder implements AnyRecorder {
  readonly share: SlabShare;
  readonly attachments: Attachments;
  /** The spans of this thread. */
  readonly traces: Traces;
  readonly #arena: Arena;
  readonly #slot: ThreadSlot;
  readonly #rows: OpenedRows;
  readonly #clock: Clock;
  readonly #loop: LoopHold;
  readonly #pace: Pace;
  /** What each stage of this recorder calls, by name: contexts may reach code of stages that another one records. */
  readonly #called = new Map<StageRecorder, Map<string, ResourceRecorder>>();
  readonly #outside = new Map<string, OutsideHolder>();
  readonly #reader: SnapshotReader | null;
  readonly #exemplars = new Exemplars();
  readonly #spans: WorkerSpans | null;
  readonly #moments = new Moments(() => this.lose("hand-over"));
  #onFirstStage: (() => void) | null = null;

  /** @param spans - null in a worker thread */
  private constructor(
    share: SlabShare,
    arena: Arena,
    slot: ThreadSlot,
    clock: Clock,
    spans: WorkerSpans | null,
    pace?: PaceOptions,
    attachments: Attachments = new Map(),
  ) {
    this.share = share;
    this.attachments = attachments;
    this.traces = new Traces(() => this.lose("span"), runningSpan);
    this.#arena = arena;
    this.#slot = slot;
    const steady = steadyClock(clock, () => this.lose("clock"));
    this.#loop = new LoopHold(steady, runningAccount);
    this.#pace = new Pace(steady, this.#loop, (atMs) => this.#moments.pass(atMs), pace);
    this.#clock = { nowMs: () => this.#pace.nowMs(), idleMs: steady.idleMs };
    const slab = new Slab(arena, slot.slot, spans === null ? "another-thread" : "writer");
    this.#rows = new OpenedRows(
      slab,
      slot,
      (options, row) => new StageRecorder(options, slab, row, this.#loop, this.#pace, this.#moments, this.traces),
    );
    this.#spans = spans;
    this.#reader =
      spans === null
        ? null
        : new SnapshotReader(arena, (ended) => {
            for (let lost = spans.retire(ended); lost > 0; lost--) this.lose("span");
          });
    // A worker thread's are told by the main thread, when it has exported them.
    if (spans !== null) this.traces.onKeptUnit((unit) => this.#exemplars.add(unit));
  }

  /**
   * The recorder of a process's main thread; it owns the slabs of all threads. Where memory cannot be shared, it records
   * into its own, and worker threads do not.
   *
   * @throws what the allocation throws where there is no memory at all
   */
  static forProcess(clock: Clock, identity: ThreadIdentity, pace?: PaceOptions, allocation?: Allocation): Recorder {
    const buffer = allocateArena(allocation);
    const share = isShared(buffer)
      ? { arena: buffer, spans: newRings(allocation), messages: newLanes(allocation) }
      : { arena: null, spans: null, messages: null };
    const arena = new Arena(buffer);
    const slot = claimSlot(arena, identity, true) as ThreadSlot;
    return new Recorder(share, arena, slot, clock, new WorkerSpans(share.spans), pace);
  }

  /** The recorder of a worker thread; null, and counted in the process, where all slots are taken. */
  static forWorker(share: SlabShare, clock: Clock, identity: ThreadIdentity, pace?: PaceOptions): Recorder | null {
    const claimed = claimForWorker(share, identity);
    return claimed === null ? null : Recorder.forClaimed(claimed, clock, pace);
  }

  /** The recorder of a worker thread that has claimed its slot before. */
  static forClaimed(claimed: ClaimedSlot, clock: Clock, pace?: PaceOptions): Recorder {
    const { share, memory, slot, attachments } = claimed;
    return new Recorder(share, new Arena(memory), slot, clock, null, pace, attachments);
  }

  /**
   * From now on the spans of all threads of the process are kept: those of this one by `tracing`, those of workers until
   * `takeSpans`; null = no longer. Belongs to the main thread's recorder.
   *
   * @param perSecond - how many traces a stage begins in a second at most on a thread, a whole number > 0
   */
  keepSpans(tracing: Tracing | null, perSecond: number = TRACES_PER_SECOND): void {
    Atomics.store(this.#arena.ints, CONTROL.tracesPerSecond, tracing === null ? 0 : perSecond);
    this.traces.keepBy(tracing, perSecond);
  }

  /**
   * Spans may be kept from some time on: what must be watched from its beginning for that is watched from now on, in
   * threads that are started later.
   */
  wantSpans(): void {
    Atomics.store(this.#arena.ints, CONTROL.spansWanted, 1);
  }

  get areSpansWanted(): boolean {
    return areSpansWanted(this.#arena);
  }

  /** Code of this worker thread makes spans of its own, maybe where nobody has a stage. */
  makesSpans(): void {
    Atomics.store(this.#arena.ints, CONTROL.spansMade, 1);
  }

  get areSpansMade(): boolean {
    return Atomics.load(this.#arena.ints, CONTROL.spansMade) === 1;
  }

  /** Spans of this worker thread are kept as soon as its main thread wants them. */
  keepSpansFor(make: (ring: SpanRing) => Tracing): void {
    const { spans } = this.share;
    if (spans === null) return;
    this.traces.keepWhen(
      () => tracesPerSecond(this.#arena),
      () => make(new SpanRing(spans, this.#slot.slot)),
    );
  }

  /**
   * The spans of worker threads that have ended since it was called last. Those that a thread left open which is gone are
   * counted as lost, once. Belongs to the main thread's recorder.
   */
  takeSpans(): SpanRecord[] {
    this.settle();
    return this.#spans?.take() ?? [];
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
   *
   * @param listener - returns from when on it wants to hear of the next one
   */
  onMoment(listener: (atMs: number) => number): void {
    this.#moments.listen(listener);
  }

  /** Calls back once, when this thread opens its first stage. What it throws is counted as `not-patched`. */
  onFirstStage(listener: () => void): void {
    this.#onFirstStage = listener;
  }

  lose(reason: LossReason): void {
    this.#slot.lose(lossIndex(reason));
  }

  /**
   * The stage's row on this thread, opened at the first call. Where there is no room, and that is counted, it is the row of
   * all stages without room; null, and counted, where its name does not fit.
   */
  openStage(options: StageOptions): StageRecorder | null {
    const stage = this.#rows.openStage(options);
    if (stage === null || this.#called.has(stage)) return stage;
    this.#called.set(stage, new Map());
    this.#tellFirstStage();
    return stage;
  }

  /**
   * This thread is done with a stage. Its room, and that of what it calls, is used again; what is recorded for it from
   * now on is lost, and counted. The stage is told no longer when all threads that had it open have closed it.
   */
  closeStage(stage: StageRecorder): void {
    if (!this.#rows.close(stage, this.nowMs())) return;
    this.#called.delete(stage);
    this.settle();
  }

  /** The row of what `stage` does with a resource on this thread; null, and counted, where there is no room. */
  openResource(stage: StageRecorder, options: ResourceOptions): ResourceRecorder | null {
    return this.#rows.openResource(stage, options);
  }

  /**
   * The running code calls something that its stage then waits for, or uses at once.
   *
   * @returns null where it belongs to no stage of this thread, or is the use of a declared resource
   */
  beginCall(resource: CalledResource, state: typeof WAIT | typeof USE, atMs: number): ResourceCall | null {
    const work = runningWork();
    const stage = work?.stage ?? null;
    const rows = stage === null ? undefined : this.#called.get(stage);
    if (work === null || stage === null || rows === undefined || work.isCall === true) return null;
    const known = rows.get(resource.name);
    if (known !== undefined) {
      known.serves(resource.capacity ?? null);
      return new ResourceCall(work, known, state, atMs);
    }
    const row = this.openResource(stage, { pipeline: stage.pipeline, ...resource });
    if (row !== null) rows.set(resource.name, row);
    return new ResourceCall(work, row, state, atMs);
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
    this.#rows.connect(from, to);
  }

  /** What all threads of the process have recorded; only the process's own recorder can tell. */
  snapshot(): Snapshot {
    if (this.#reader === null) throw new TypeError("snapshot() belongs to the main thread's recorder, not a worker's");
    return this.#reader.read(this.nowMs());
  }

  /** What is taken of the rows and the threads that there is room for; what is beyond is counted as lost. */
  room(): Room {
    const slots = this.#slots().filter(({ owner }) => owner !== null);
    const rows = slots.map(({ slot }) => new Slab(this.#arena, slot, "another-thread").rows().length);
    return {
      rowsInUse: rows.reduce((sum, count) => sum + count, 0),
      rowLimit: this.#arena.segmentCount * SEGMENT_ROWS,
      threadsInUse: slots.length,
      threadLimit: MAX_THREADS,
    };
  }

  /** Where the thread's counts are among those of others. */
  get slot(): number {
    return this.#slot.slot;
  }

  /** Whether a worker thread records, or did so until a moment ago: be it of this thread or of another one. */
  hasThread(workerId: number): boolean {
    return this.#slots().some(({ owner, phase }) => {
      return owner?.workerId === workerId && (phase === SLOT_PHASE.recording || phase === SLOT_PHASE.ended);
    });
  }

  /**
   * A worker thread has ended, and with it all that descend from it: their times stop now, and their room is used again.
   *
   * @returns whether it has recorded
   */
  endThread(workerId: number): boolean {
    const hasRecorded = this.hasThread(workerId);
    const atMs = this.nowMs();
    for (const slot of this.#slots()) if (slot.isOf(workerId)) slot.end(atMs);
    this.settle();
    return hasRecorded;
  }

  /** Makes room of what ended threads and closed stages have had, in the main thread; snapshots do it too. */
  settle(): void {
    this.#reader?.settle(this.nowMs());
  }

  #slots(): readonly ThreadSlot[] {
    return slotsOf(this.#arena);
  }

  #tellFirstStage(): void {
    const listener = this.#onFirstStage;
    this.#onFirstStage = null;
    try {
      listener?.();
    } catch {
      this.lose("not-patched");
    }
  }
}

function runningAccount(): HoldAccount | null {
  const work = runningWork();
  return work?.isWorking ? (work.stage?.account ?? null) : null;
}

/** In one piece, whose pages cost nothing until they are touched: smaller ones are zeroed at once, 20 MB of them. */
function newRings(allocation: Allocation | undefined): SharedArrayBuffer | null {
  try {
    return sharedMemory(MAX_THREADS * SPAN_RING_BYTES, allocation);
  } catch {
    // Spans of worker threads are then not kept.
    return null;
  }
}

function newLanes(allocation: Allocation | undefined): SharedArrayBuffer | null {
  try {
    return sharedMemory(MESSAGE_LANES_BYTES, allocation);
  } catch {
    // Messages between threads are then not parts of traces.
    return null;
  }
}
