import { type LossReason, lossIndex } from "./losses.ts";
import { OVERFLOW } from "./overflow.ts";
import { RefusedNames } from "./refused-names.ts";
import { ResourceRecorder } from "./resource.ts";
import { encodeRow, type RowDefinition, rowKey, shorterRow } from "./row-definition.ts";
import type { Slab } from "./slab.ts";
import type { ResourceKind } from "./snapshot.ts";
import type { StageOptions, StageRecorder } from "./stage.ts";
import type { ThreadSlot } from "./thread-slot.ts";

export interface ResourceOptions {
  readonly pipeline: string;
  readonly name: string;
  readonly kind: ResourceKind;
  readonly capacity?: number | null;
}

export type MakeStage = (options: StageOptions, row: number) => StageRecorder;

/** Edges that are remembered although there was no room for them, so that each is counted once. */
const MOST_EDGES = 65_536;

/** The rows that a thread has open in its slab: what is opened twice is one row, what finds no room goes to the overflow. */
export class OpenedRows {
  readonly #slab: Slab;
  readonly #slot: ThreadSlot;
  readonly #make: MakeStage;
  /** By pipeline, then by name: whoever opens one with each of its units must find it without making a key. */
  readonly #stages = new Map<string, Map<string, StageRecorder>>();
  readonly #resources = new Map<string, ResourceRecorder>();
  /** Those that are open, with the keys of what they call. */
  readonly #called = new Map<StageRecorder, Set<string>>();
  readonly #edges = new Map<StageRecorder, Set<StageRecorder>>();
  readonly #refused = new RefusedNames();
  #edgeCount = 0;
  #overflow: StageRecorder | null = null;

  constructor(slab: Slab, slot: ThreadSlot, make: MakeStage) {
    this.#slab = slab;
    this.#slot = slot;
    this.#make = make;
  }

  /** Null where its name does not fit. */
  openStage(options: StageOptions): StageRecorder | null {
    const { pipeline, name, role, workers = null, attributes = {} } = options;
    const ofPipeline = this.#stages.get(pipeline);
    const known = ofPipeline?.get(name);
    if (known !== undefined) return known;
    const row = this.#add({ kind: "stage", pipeline, name, role, workers, attributes });
    if (row === null) return null;
    if (row === "no room") return this.#overflowStage();
    const stage = this.#make(options, row);
    if (ofPipeline === undefined) this.#stages.set(pipeline, new Map([[name, stage]]));
    else ofPipeline.set(name, stage);
    this.#called.set(stage, new Set());
    return stage;
  }

  /** Null where there is no room, or its stage is closed. */
  openResource(stage: StageRecorder, options: ResourceOptions): ResourceRecorder | null {
    const called = this.#called.get(stage);
    if (called === undefined) return null;
    const { pipeline, name, kind: resourceKind, capacity = null } = options;
    const definition: RowDefinition = { kind: "resource", pipeline, name, resourceKind, stage: stage.row };
    const key = rowKey(definition);
    let opened = this.#resources.get(key);
    if (opened === undefined) {
      const row = this.#add(definition);
      if (row === null || row === "no room") return null;
      opened = new ResourceRecorder(this.#slab, row);
      this.#resources.set(key, opened);
      called.add(key);
    }
    opened.serves(capacity);
    return opened;
  }

  /** One edge, said once or often; none of the overflow, which stands for many, nor of a stage that is closed. */
  connect(from: StageRecorder, to: StageRecorder): void {
    const isOpen = this.#called.has(from) && this.#called.has(to);
    if (!isOpen || from === this.#overflow || to === this.#overflow) return;
    const known = this.#edges.get(from) ?? new Set();
    if (known.has(to)) return;
    const hasRoom = this.#slab.addEdge(from.row, to.row);
    if (!hasRoom) this.#lose("edge-limit");
    if (!hasRoom && this.#edgeCount >= MOST_EDGES) return;
    this.#edgeCount += 1;
    this.#edges.set(from, known.add(to));
  }

  /** @returns whether it was open; the overflow stays open, since it stands for many */
  close(stage: StageRecorder, atMs: number): boolean {
    const called = this.#called.get(stage);
    if (called === undefined || stage === this.#overflow) return false;
    // Those that refer to the stage's row first: it must be there for as long as they are.
    for (const key of called) {
      const resource = this.#resources.get(key) as ResourceRecorder;
      resource.close(this.#slab);
      this.#slab.closeRow(resource.row, atMs);
      this.#resources.delete(key);
    }
    stage.close(this.#slab);
    this.#slab.closeRow(stage.row, atMs);
    this.#forgetName(stage);
    this.#called.delete(stage);
    this.#forgetEdges(stage);
    return true;
  }

  #forgetName({ pipeline, name }: StageRecorder): void {
    const ofPipeline = this.#stages.get(pipeline);
    ofPipeline?.delete(name);
    if (ofPipeline?.size === 0) this.#stages.delete(pipeline);
  }

  #forgetEdges(stage: StageRecorder): void {
    this.#edgeCount -= this.#edges.get(stage)?.size ?? 0;
    this.#edges.delete(stage);
    for (const to of this.#edges.values()) if (to.delete(stage)) this.#edgeCount -= 1;
  }

  #overflowStage(): StageRecorder {
    if (this.#overflow === null) {
      const row = this.#slab.addOverflowRow(encodeRow(OVERFLOW) as Uint8Array);
      this.#overflow = this.#make(OVERFLOW, row);
      this.#called.set(this.#overflow, new Set());
    }
    return this.#overflow;
  }

  /** Null where the definition does not fit. */
  #add(definition: RowDefinition): number | "no room" | null {
    // Asked first: encoding is most of what an opening costs.
    const text = this.#slab.isFull ? null : (encodeRow(definition) ?? this.#encodeShorter(definition));
    if (text === null && !this.#slab.isFull) return null;
    const row = text === null ? null : this.#slab.addRow(text);
    if (row !== null) return row;
    if (this.#refused.add(rowKey(definition))) this.#lose("stage-limit");
    return "no room";
  }

  #encodeShorter(definition: RowDefinition): Uint8Array | null {
    this.#lose("text-limit");
    const shorter = shorterRow(definition);
    return shorter === null ? null : encodeRow(shorter);
  }

  #lose(reason: LossReason): void {
    this.#slot.lose(lossIndex(reason));
  }
}
