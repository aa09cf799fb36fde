import type { Arena } from "./arena.ts";
import { LOSS_REASONS, type LossReason } from "./losses.ts";
import { OVERFLOW } from "./overflow.ts";
import { RefusedNames } from "./refused-names.ts";
import { capacityOf, type RowReading, resourceRowOf, stageRowOf, sumOfReadings } from "./row-reading.ts";
import { CONTROL } from "./slot-memory.ts";
import type { ResourceRow, Snapshot, StageRow, ThreadDefinition } from "./snapshot.ts";
import { graphKey, StageGraph } from "./stage-graph.ts";
import { type Admission, ThreadAccount, type Total } from "./thread-account.ts";
import { SLOT_PHASE, slotsOf } from "./thread-slot.ts";

/** Stages and resources of slots that are told, each by itself: as many as a process has rows, roughly. */
const MAX_TOTALS = 16_384;

/** Reads the slabs of a process into snapshots, and takes back what nobody writes any more. Belongs to the main thread. */
export class SnapshotReader {
  readonly #arena: Arena;
  readonly #accounts: readonly ThreadAccount[];
  readonly #onRetired: (slot: number) => void;
  readonly #graph = new StageGraph();
  readonly #closed = new Set<string>();
  readonly #refused = new RefusedNames();
  /** What the reader itself could not keep. */
  readonly #losses = new Map<LossReason, number>();
  #totals = 0;
  #freedSlots = 0;

  /** @param onRetired - the last thread of a slot has ended, and another may have it after this */
  constructor(arena: Arena, onRetired: (slot: number) => void) {
    this.#arena = arena;
    this.#onRetired = onRetired;
    const admission: Admission = {
      admit: (total) => this.#admit(total),
      edge: (from, to) => this.#graph.addEdge(from, to),
      closed: (stageKey) => this.#closed.add(stageKey),
      abandoned: (count) => this.#lose("abandoned", count),
    };
    this.#accounts = slotsOf(arena).map((slot) => new ThreadAccount(arena, slot, admission));
  }

  /** Takes back what threads that have ended, and stages that were closed, have had. */
  settle(atMs: number): void {
    for (const account of this.#accounts) {
      const { slot } = account;
      if (slot.owner === null) continue;
      const { phase } = slot;
      if (phase === SLOT_PHASE.recording) account.settle(atMs);
      else if (phase === SLOT_PHASE.ended) {
        account.retire();
        this.#onRetired(slot.slot);
      }
      if (phase === SLOT_PHASE.ended || phase === SLOT_PHASE.vacant) {
        this.#freedSlots += 1;
        slot.free(this.#freedSlots);
      }
    }
    for (const stageKey of this.#closed) this.#removeStage(stageKey);
    this.#closed.clear();
  }

  read(atMs: number): Snapshot {
    this.settle(atMs);
    const threads: ThreadDefinition[] = [];
    const stageRows: StageRow[] = [];
    const resourceRows: ResourceRow[] = [];
    const capacities = new Map<string, number>();
    const losses = new Map(this.#losses);
    const lose = (reason: LossReason, count: number) => {
      if (count > 0) losses.set(reason, (losses.get(reason) ?? 0) + count);
    };
    for (const account of this.#accounts) {
      const { definition: thread } = account;
      if (thread === null) continue;
      threads.push(thread);
      for (const [index, count] of account.slot.losses().entries()) lose(LOSS_REASONS[index] as LossReason, count);
      for (const total of account.totals) {
        const reading = readingOf(total, atMs);
        const stage = this.#graph.stageId(total.stageKey);
        if (reading === null || stage === undefined) continue;
        if (total.resourceKey === null) stageRows.push(stageRowOf(stage, thread.id, reading));
        else {
          const resource = this.#graph.resourceId(total.resourceKey);
          if (resource === undefined) continue;
          resourceRows.push(resourceRowOf(stage, resource, thread.id, reading));
          // Each stage that uses a resource has met it at another time, and at another size.
          const capacity = Math.max(capacities.get(total.resourceKey) ?? 0, capacityOf(reading) ?? 0);
          if (capacity > 0) capacities.set(total.resourceKey, capacity);
        }
      }
      lose("torn-read", account.tornReads);
      lose("stage-closed", account.afterClose);
    }
    lose("edge-limit", this.#graph.countRefusedEdges());
    lose("thread-limit", Atomics.load(this.#arena.ints, CONTROL.refusedThreads));
    return {
      atMs,
      threads,
      stages: this.#graph.stages(),
      edges: this.#graph.edges(),
      resources: this.#graph.resources(capacities),
      stageRows,
      resourceRows,
      losses: Object.fromEntries(losses),
    };
  }

  #admit({ definition, stageKey, resourceKey }: Pick<Total, "definition" | "stageKey" | "resourceKey">): boolean {
    const isOverflow = resourceKey === null && stageKey === graphKey(OVERFLOW);
    if (this.#totals >= MAX_TOTALS && !isOverflow) {
      if (this.#refused.add(JSON.stringify([stageKey, resourceKey]))) this.#lose("stage-limit", 1);
      return false;
    }
    this.#totals += 1;
    if (definition.kind === "stage") this.#graph.addStage(stageKey, definition);
    else if (resourceKey !== null) this.#graph.addResource(resourceKey, definition);
    return true;
  }

  /** A stage is gone when the last of the threads that had it open has closed it: what others told of it goes too. */
  #removeStage(stageKey: string): void {
    if (this.#accounts.some((account) => account.hasLive(stageKey))) return;
    for (const account of this.#accounts) this.#totals -= account.removeStage(stageKey);
    const used = new Set(
      this.#accounts.flatMap((account) => [...account.totals].map(({ resourceKey }) => resourceKey)),
    );
    this.#graph.removeStage(stageKey, (resource) => used.has(resource));
  }

  #lose(reason: LossReason, count: number): void {
    if (count > 0) this.#losses.set(reason, (this.#losses.get(reason) ?? 0) + count);
  }
}

function readingOf({ retained, live }: Total, atMs: number): RowReading | null {
  let reading = retained;
  for (const reader of live) reading = sumOfReadings(reading, reader.read(atMs));
  return reading;
}
