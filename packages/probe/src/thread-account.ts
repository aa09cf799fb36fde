import type { Arena } from "./arena.ts";
import { OVERFLOW } from "./overflow.ts";
import type { RowDefinition } from "./row-definition.ts";
import { RowReader } from "./row-reader.ts";
import { type RowReading, sumOfReadings } from "./row-reading.ts";
import { COUNTER, ROW_PHASE, Slab } from "./slab.ts";
import type { ThreadDefinition } from "./snapshot.ts";
import { graphKey } from "./stage-graph.ts";
import type { ThreadSlot } from "./thread-slot.ts";

/** What one stage did, or one stage with one resource, on all threads that have had one slot. */
export interface Total {
  readonly definition: RowDefinition;
  readonly stageKey: string;
  /** Null for what a stage did by itself. */
  readonly resourceKey: string | null;
  /** Of rows that are gone: their threads have ended, or they were closed. */
  retained: RowReading | null;
  /** Rows that are written. */
  readonly live: Set<RowReader>;
}

/** Decides whether one more total is kept, and knows what it stands for from then on. */
export interface Admission {
  readonly admit: (total: Omit<Total, "retained" | "live">) => boolean;
  readonly edge: (fromStageKey: string, toStageKey: string) => void;
  /** The stage of a row was closed on this slot's thread. */
  readonly closed: (stageKey: string) => void;
  /** Hand-overs that the end of a thread cut off. */
  readonly abandoned: (count: number) => void;
}

/** What the main thread knows of one slot: of the thread that has it, and of those that had it before. */
export class ThreadAccount {
  readonly slot: ThreadSlot;
  readonly #arena: Arena;
  readonly #slab: Slab;
  readonly #admission: Admission;
  readonly #totals = new Map<string, Total>();
  readonly #rows = new Map<number, { readonly reader: RowReader; readonly total: Total | null }>();
  #definition: ThreadDefinition | null = null;
  #tornReads = 0;
  #afterClose = 0;
  #sinkRow: number | null = null;

  constructor(arena: Arena, slot: ThreadSlot, admission: Admission) {
    this.slot = slot;
    this.#arena = arena;
    this.#slab = new Slab(arena, slot.slot, "another-thread");
    this.#admission = admission;
  }

  /** The newest thread of the slot; null where there was none yet. */
  get definition(): ThreadDefinition | null {
    return this.#definition;
  }

  get totals(): Iterable<Total> {
    return this.#totals.values();
  }

  get tornReads(): number {
    let reads = this.#tornReads;
    for (const { reader } of this.#rows.values()) reads += reader.tornReads;
    return reads;
  }

  /** Hand-overs that were recorded after their stage had been closed. */
  get afterClose(): number {
    return this.#afterClose + this.#sunk();
  }

  hasLive(stageKey: string): boolean {
    for (const { total } of this.#rows.values()) {
      if (total !== null && total.stageKey === stageKey && total.resourceKey === null) return true;
    }
    return false;
  }

  /** @returns how many totals that were */
  removeStage(stageKey: string): number {
    let removed = 0;
    for (const [key, total] of this.#totals) if (total.stageKey === stageKey && this.#totals.delete(key)) removed += 1;
    return removed;
  }

  /** Learns what the slot's thread has opened, and takes back what it has closed. */
  settle(atMs: number): void {
    this.#learnThread();
    const rows = this.#slab.rows();
    for (const [row, phase] of rows) {
      if (phase === ROW_PHASE.sink) this.#sinkRow = row;
      else this.#seen(row);
    }
    for (const { fromRow, toRow } of this.#slab.edges()) {
      const [from, to] = [this.#rows.get(fromRow)?.total, this.#rows.get(toRow)?.total];
      if (isNamedStage(from) && isNamedStage(to)) this.#admission.edge(from.stageKey, to.stageKey);
    }
    const closed = rows.filter(([, phase]) => phase === ROW_PHASE.closed).map(([row]) => row);
    if (closed.length === 0) return;
    this.#slab.forgetEdges(new Set(closed));
    for (const row of closed) this.#takeBack(row, atMs, true);
    this.#arena.noteFreed();
  }

  /** Takes all rows of a thread back that has ended. */
  retire(): void {
    const { endedAtMs } = this.slot;
    this.settle(endedAtMs);
    this.#slab.forgetEdges(new Set(this.#rows.keys()));
    for (const [row, { reader, total }] of this.#rows) {
      this.#takeBack(row, endedAtMs, false);
      if (total?.resourceKey === null) this.#admission.abandoned(reader.inHand);
    }
    this.#afterClose += this.#sunk();
    if (this.#sinkRow !== null) this.#slab.freeRow(this.#sinkRow);
    this.#sinkRow = null;
    this.#arena.shrink(this.slot.slot);
  }

  #learnThread(): void {
    const { owner, slot: id, isMain, name, osThreadId, endedAtMs } = this.slot;
    const role = isMain ? "main" : "worker";
    const workerId = owner?.workerId ?? 0;
    this.#definition = { id, role, name, workerId, osThreadId, endedAtMs: endedAtMs > 0 ? endedAtMs : null };
  }

  #takeBack(row: number, atMs: number, isClosed: boolean): void {
    const { reader, total } = this.#seen(row);
    if (total !== null) {
      total.retained = sumOfReadings(total.retained, reader.readLast(atMs));
      total.live.delete(reader);
      if (isClosed && total.resourceKey === null) this.#admission.closed(total.stageKey);
    }
    this.#tornReads += reader.tornReads;
    this.#rows.delete(row);
    this.#slab.freeRow(row);
  }

  #seen(row: number): { readonly reader: RowReader; readonly total: Total | null } {
    const known = this.#rows.get(row);
    if (known !== undefined) return known;
    const reader = new RowReader(this.#slab, row);
    const total = this.#totalOf(reader.definition);
    total?.live.add(reader);
    const seen = { reader, total };
    this.#rows.set(row, seen);
    return seen;
  }

  #totalOf(definition: RowDefinition): Total | null {
    if (definition.kind === "stage") {
      const stage = { definition, stageKey: graphKey(definition), resourceKey: null };
      return this.#admitted(stage) ?? this.#admitted({ ...stage, definition: OVERFLOW, stageKey: graphKey(OVERFLOW) });
    }
    // A row of a stage is taken back later than those of what the stage calls.
    const user = this.#seen(definition.stage).total;
    if (user === null || user.resourceKey !== null) return null;
    return this.#admitted({ definition, stageKey: user.stageKey, resourceKey: graphKey(definition) });
  }

  #admitted(total: Omit<Total, "retained" | "live">): Total | null {
    const key = JSON.stringify([total.stageKey, total.resourceKey]);
    const known = this.#totals.get(key);
    if (known !== undefined) return known;
    if (!this.#admission.admit(total)) return null;
    const added = { ...total, retained: null, live: new Set<RowReader>() };
    this.#totals.set(key, added);
    return added;
  }

  #sunk(): number {
    if (this.#sinkRow === null) return 0;
    const at = this.#slab.rowAt(this.#sinkRow);
    return (this.#slab.words[at + COUNTER.units] as number) + (this.#slab.words[at + COUNTER.dropped] as number);
  }
}

/** The overflow stands for many, of which each may feed any: nothing is told of who feeds it. */
function isNamedStage(total: Total | null | undefined): total is Total {
  return total !== null && total !== undefined && total.resourceKey === null && total.stageKey !== graphKey(OVERFLOW);
}
