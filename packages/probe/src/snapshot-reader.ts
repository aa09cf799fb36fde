import { LOSS_REASONS, type LossReason } from "./losses.ts";
import type { RowDefinition } from "./row-definition.ts";
import { RowReader } from "./row-reader.ts";
import { CLAIM, HEADER, Slab, type SlabShare } from "./slab.ts";
import type {
  Edge,
  ResourceDefinition,
  ResourceRow,
  Snapshot,
  StageDefinition,
  StageRow,
  ThreadDefinition,
} from "./snapshot.ts";

/** Reads the slabs of a process into snapshots. Ids keep their meaning from one snapshot to the next. */
export class SnapshotReader {
  readonly #share: SlabShare;
  readonly #slabs: Slab[];
  readonly #stageIds = new Map<string, number>();
  readonly #resourceIds = new Map<string, number>();
  /** By thread, by row. */
  readonly #rows: RowReader[][] = [];

  constructor(share: SlabShare) {
    this.#share = share;
    this.#slabs = share.buffers.map((buffer) => new Slab(buffer));
  }

  read(atMs: number): Snapshot {
    const threads: ThreadDefinition[] = [];
    const stages = new Map<number, StageDefinition>();
    const resources = new Map<number, ResourceDefinition>();
    const edges = new Map<string, Edge>();
    const stageRows: StageRow[] = [];
    const resourceRows: ResourceRow[] = [];
    const losses = new Map<LossReason, number>();
    const lose = (reason: LossReason, count: number) => losses.set(reason, (losses.get(reason) ?? 0) + count);

    for (const [thread, slab] of this.#slabs.entries()) {
      if (slab.roleCode === 0) continue;
      const definition = threadDefinition(thread, slab);
      threads.push(definition);
      slab.losses().forEach((count, index) => {
        if (count > 0) lose(LOSS_REASONS[index] as LossReason, count);
      });
      const rows = this.#rowsOf(thread, slab);
      for (const row of rows) {
        const states = row.readStates(atMs, definition.endedAtMs);
        if (row.tornReads > 0) lose("torn-read", row.tornReads);
        if (row.definition.kind === "stage") {
          const stage = this.#stage(row.definition);
          stages.set(stage.id, stage);
          stageRows.push(row.stageRow(stage.id, thread, states));
          if (states.abandoned > 0) lose("abandoned", states.abandoned);
        } else {
          const resource = this.#resource(row.definition, row.capacity);
          resources.set(resource.id, atItsMost(resource, resources.get(resource.id)));
          const user = rows[row.definition.stage]?.definition;
          if (user?.kind !== "stage") continue;
          resourceRows.push(row.resourceRow(this.#stage(user).id, resource.id, thread, states));
        }
      }
      for (const { fromRow, toRow } of slab.edges()) {
        const [from, to] = [rows[fromRow]?.definition, rows[toRow]?.definition];
        if (from?.kind !== "stage" || to?.kind !== "stage") continue;
        const edge = { from: this.#stage(from).id, to: this.#stage(to).id };
        edges.set(`${edge.from}>${edge.to}`, edge);
      }
    }
    const unclaimed = Atomics.load(new Int32Array(this.#share.claims), CLAIM.slabs) - this.#slabs.length;
    if (unclaimed > 0) lose("thread-limit", unclaimed);
    return {
      atMs,
      threads,
      stages: [...stages.values()].sort((a, b) => a.id - b.id),
      edges: [...edges.values()],
      resources: [...resources.values()].sort((a, b) => a.id - b.id),
      stageRows,
      resourceRows,
      losses: Object.fromEntries(losses),
    };
  }

  /** The readers of a slab's rows, which come but never go. */
  #rowsOf(thread: number, slab: Slab): readonly RowReader[] {
    const rows = this.#rows[thread] ?? [];
    this.#rows[thread] = rows;
    for (let row = rows.length; row < slab.rowCount; row++) rows.push(new RowReader(slab, row));
    return rows;
  }

  #stage(definition: RowDefinition & { kind: "stage" }): StageDefinition {
    const { pipeline, name, role, workers, attributes } = definition;
    return { id: idOf(this.#stageIds, pipeline, name), pipeline, name, role, workers, attributes };
  }

  #resource(definition: RowDefinition & { kind: "resource" }, capacity: number | null): ResourceDefinition {
    const { pipeline, name, resourceKind: kind } = definition;
    return { id: idOf(this.#resourceIds, pipeline, name), pipeline, name, kind, capacity };
  }
}

/** Each stage that uses a resource has met it at another time, and at another size. */
function atItsMost(resource: ResourceDefinition, known: ResourceDefinition | undefined): ResourceDefinition {
  return (known?.capacity ?? 0) > (resource.capacity ?? 0) ? (known as ResourceDefinition) : resource;
}

function threadDefinition(id: number, slab: Slab): ThreadDefinition {
  const osThreadId = slab.header(HEADER.osThreadId);
  const endedAtMs = slab.header(HEADER.endedAtMs);
  return {
    id,
    role: slab.roleCode === 1 ? "main" : "worker",
    name: slab.name,
    osThreadId: osThreadId === 0 ? null : osThreadId,
    endedAtMs: endedAtMs === 0 ? null : endedAtMs,
  };
}

function idOf(ids: Map<string, number>, pipeline: string, name: string): number {
  const key = JSON.stringify([pipeline, name]);
  const id = ids.get(key) ?? ids.size;
  ids.set(key, id);
  return id;
}
