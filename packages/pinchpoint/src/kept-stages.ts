import type {
  DurationBuckets,
  Edge,
  ResourceDefinition,
  ResourceRow,
  Snapshot,
  StageDefinition,
  StageRow,
} from "@pinchpoint/probe";

/** Closed stages that are told on; of more the ones that were closed first are forgotten. */
const MOST_CLOSED = 64;

/** A stage by its name, open or closed, as a recording tells of it. */
interface KeptStage {
  /** In the recording. */
  readonly id: number;
  definition: StageDefinition;
  /** In snapshots; null = it is closed. */
  openAs: number | null;
  /** What was told of it last, with all that it did before it was closed; by thread, and by resource and thread. */
  stageRows: Map<number, StageRow>;
  resourceRows: Map<string, ResourceRow>;
  /** The same at the time when it was closed last. */
  stageRowsBefore: ReadonlyMap<number, StageRow>;
  resourceRowsBefore: ReadonlyMap<string, ResourceRow>;
}

/**
 * Snapshots as a recording promises them: what is told never falls. A stage that is closed is gone from snapshots, and
 * when it is opened again it counts from 0 by another id; in the recording it stays as it was, and goes on from there.
 */
export class KeptStages {
  readonly #stages = new Map<string, KeptStage>();
  readonly #resources = new Map<string, ResourceDefinition>();
  readonly #edges = new Map<string, Edge>();

  of(snapshot: Snapshot): Snapshot {
    const kept = this.#meet(snapshot);
    const resources = this.#meetResources(snapshot);
    for (const row of snapshot.stageRows) keepStageRow(kept.get(row.stage), row);
    for (const row of snapshot.resourceRows) {
      keepResourceRow(kept.get(row.stage), { ...row, resource: resources.get(row.resource) ?? row.resource });
    }
    for (const edge of snapshot.edges) {
      const [from, to] = [kept.get(edge.from)?.id, kept.get(edge.to)?.id];
      if (from !== undefined && to !== undefined) this.#edges.set(`${from}>${to}`, { from, to });
    }
    const stages = [...this.#stages.values()].sort((a, b) => a.id - b.id);
    return {
      ...snapshot,
      stages: stages.map(({ id, definition }) => ({ ...definition, id })),
      edges: [...this.#edges.values()],
      resources: [...this.#resources.values()],
      stageRows: stages.flatMap(({ stageRows }) => [...stageRows.values()]),
      resourceRows: stages.flatMap(({ resourceRows }) => [...resourceRows.values()]),
    };
  }

  /** @returns the stages of a snapshot, by their ids there */
  #meet({ stages }: Snapshot): ReadonlyMap<number, KeptStage> {
    const kept = new Map<number, KeptStage>();
    const open = new Set(stages.map(({ id }) => id));
    for (const [key, stage] of [...this.#stages]) {
      if (stage.openAs === null || open.has(stage.openAs)) continue;
      close(stage);
      // At the end, so that those come first which were closed first.
      this.#stages.delete(key);
      this.#stages.set(key, stage);
    }
    for (const definition of stages) {
      const key = keyOf(definition);
      const stage = this.#stages.get(key) ?? newStage(definition);
      stage.openAs = definition.id;
      stage.definition = definition;
      this.#stages.set(key, stage);
      kept.set(definition.id, stage);
    }
    this.#forgetOldest();
    return kept;
  }

  /** @returns the resources' ids in the recording, by their ids in the snapshot */
  #meetResources({ resources }: Snapshot): ReadonlyMap<number, number> {
    return new Map(
      resources.map((resource) => {
        const key = keyOf(resource);
        const id = this.#resources.get(key)?.id ?? resource.id;
        this.#resources.set(key, { ...resource, id });
        return [resource.id, id];
      }),
    );
  }

  #forgetOldest(): void {
    if (this.#stages.size <= MOST_CLOSED) return;
    const closed = [...this.#stages].filter(([, { openAs }]) => openAs === null);
    for (const [key, { id }] of closed.slice(0, Math.max(0, closed.length - MOST_CLOSED))) {
      this.#stages.delete(key);
      for (const [edge, { from, to }] of this.#edges) if (from === id || to === id) this.#edges.delete(edge);
    }
    if (closed.length <= MOST_CLOSED) return;
    const used = new Set(
      [...this.#stages.values()].flatMap((stage) => [...stage.resourceRows.values()].map(resourceOf)),
    );
    for (const [key, { id }] of this.#resources) if (!used.has(id)) this.#resources.delete(key);
  }
}

function newStage(definition: StageDefinition): KeptStage {
  return {
    id: definition.id,
    definition,
    openAs: null,
    stageRows: new Map(),
    resourceRows: new Map(),
    stageRowsBefore: new Map(),
    resourceRowsBefore: new Map(),
  };
}

/** Nobody works there any more. */
function close(stage: KeptStage): void {
  stage.openAs = null;
  for (const [thread, row] of stage.stageRows) {
    stage.stageRows.set(thread, { ...row, stateWorkers: row.stateWorkers.map(() => 0) });
  }
  for (const [key, row] of stage.resourceRows) stage.resourceRows.set(key, { ...row, inUse: 0 });
  stage.stageRowsBefore = new Map(stage.stageRows);
  stage.resourceRowsBefore = new Map(stage.resourceRows);
}

function keepStageRow(stage: KeptStage | undefined, row: StageRow): void {
  if (stage === undefined) return;
  const before = stage.stageRowsBefore.get(row.thread);
  stage.stageRows.set(row.thread, { ...(before === undefined ? row : sumOfStageRows(before, row)), stage: stage.id });
}

function keepResourceRow(stage: KeptStage | undefined, row: ResourceRow): void {
  if (stage === undefined) return;
  const key = `${row.resource}/${row.thread}`;
  const before = stage.resourceRowsBefore.get(key);
  stage.resourceRows.set(key, { ...(before === undefined ? row : sumOfResourceRows(before, row)), stage: stage.id });
}

function sumOfStageRows(one: StageRow, other: StageRow): StageRow {
  return {
    ...other,
    units: one.units + other.units,
    untimed: one.untimed + other.untimed,
    arrived: one.arrived + other.arrived,
    items: one.items + other.items,
    errors: one.errors + other.errors,
    dropped: one.dropped + other.dropped,
    emitted: one.emitted + other.emitted,
    stateSeconds: other.stateSeconds.map((seconds, state) => seconds + (one.stateSeconds[state] ?? 0)),
    loopHeldSeconds: one.loopHeldSeconds + other.loopHeldSeconds,
    loopHeldSquared: one.loopHeldSquared + other.loopHeldSquared,
    loopOverlapSeconds: one.loopOverlapSeconds + other.loopOverlapSeconds,
    duration: sumOfDurations(one.duration, other.duration),
  };
}

function sumOfResourceRows(one: ResourceRow, other: ResourceRow): ResourceRow {
  return {
    ...other,
    uses: one.uses + other.uses,
    errors: one.errors + other.errors,
    waitSeconds: one.waitSeconds + other.waitSeconds,
    useSeconds: one.useSeconds + other.useSeconds,
    wait: sumOfDurations(one.wait, other.wait),
    use: sumOfDurations(one.use, other.use),
  };
}

function sumOfDurations(one: DurationBuckets, other: DurationBuckets): DurationBuckets {
  const counts = other.counts.map((count, bucket) => count + (one.counts[bucket] ?? 0));
  return { ...other, counts, sumSeconds: one.sumSeconds + other.sumSeconds };
}

function keyOf({ pipeline, name }: { readonly pipeline: string; readonly name: string }): string {
  return JSON.stringify([pipeline, name]);
}

function resourceOf({ resource }: ResourceRow): number {
  return resource;
}
