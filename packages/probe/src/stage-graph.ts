import type { RowDefinition } from "./row-definition.ts";
import type { Edge, ResourceDefinition, StageDefinition } from "./snapshot.ts";

type StageRowDefinition = RowDefinition & { kind: "stage" };
type ResourceRowDefinition = RowDefinition & { kind: "resource" };

/** Edges of a process that are told. */
const MAX_EDGES = 16_384;

/** One text for each stage, and for each resource. */
export function graphKey({ pipeline, name }: Pick<RowDefinition, "pipeline" | "name">): string {
  return JSON.stringify([pipeline, name]);
}

/** The stages, resources and edges that have been seen. Ids keep their meaning, and are never used again. */
export class StageGraph {
  readonly #stages = new Map<string, StageDefinition>();
  readonly #resources = new Map<string, Omit<ResourceDefinition, "capacity">>();
  readonly #edges = new Map<string, { readonly from: string; readonly to: string }>();
  #stageIds = 0;
  #resourceIds = 0;
  /** Edges that had no room, at most, in one snapshot. */
  #refusedEdges = 0;
  #refusedNow = 0;

  addStage(key: string, { pipeline, name, role, workers, attributes }: StageRowDefinition): void {
    const id = this.#stages.get(key)?.id ?? this.#stageIds++;
    this.#stages.set(key, { id, pipeline, name, role, workers, attributes });
  }

  addResource(key: string, { pipeline, name, resourceKind: kind }: ResourceRowDefinition): void {
    const id = this.#resources.get(key)?.id ?? this.#resourceIds++;
    this.#resources.set(key, { id, pipeline, name, kind });
  }

  addEdge(from: string, to: string): void {
    const key = JSON.stringify([from, to]);
    if (this.#edges.has(key)) return;
    if (this.#edges.size < MAX_EDGES) this.#edges.set(key, { from, to });
    else this.#refusedNow += 1;
  }

  /** @returns edges that had no room */
  countRefusedEdges(): number {
    this.#refusedEdges = Math.max(this.#refusedEdges, this.#refusedNow);
    this.#refusedNow = 0;
    return this.#refusedEdges;
  }

  /** @param isUsed - whether another stage still uses a resource */
  removeStage(key: string, isUsed: (resource: string) => boolean): void {
    this.#stages.delete(key);
    for (const [edge, { from, to }] of this.#edges) if (from === key || to === key) this.#edges.delete(edge);
    for (const resource of this.#resources.keys()) if (!isUsed(resource)) this.#resources.delete(resource);
  }

  stageId(key: string): number | undefined {
    return this.#stages.get(key)?.id;
  }

  resourceId(key: string): number | undefined {
    return this.#resources.get(key)?.id;
  }

  stages(): StageDefinition[] {
    return [...this.#stages.values()].sort((a, b) => a.id - b.id);
  }

  /** @param capacities - by resource, of those whose capacity is known */
  resources(capacities: ReadonlyMap<string, number>): ResourceDefinition[] {
    return [...this.#resources]
      .map(([key, resource]) => ({ ...resource, capacity: capacities.get(key) ?? null }))
      .sort((a, b) => a.id - b.id);
  }

  edges(): Edge[] {
    return [...this.#edges.values()].map(({ from, to }) => ({
      from: this.#stages.get(from)?.id as number,
      to: this.#stages.get(to)?.id as number,
    }));
  }
}
