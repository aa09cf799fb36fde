import type { RecordedEdge, RecordedStage, RecordingHeader } from "./recording.ts";
import { remembered } from "./remembered.ts";
import type { WindowSignals } from "./signal.ts";

/** A host that is this machine, its port, and perhaps a route: how a called service is named. */
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\]):(\d+)(?: |$)/;

/** Stages that items flow between: one connected part of the recorded graph. */
export interface Component {
  /** Ordered by pipeline and name; never empty. */
  readonly stages: readonly RecordedStage[];
  readonly edges: readonly RecordedEdge[];
  /** Stages that nothing recorded feeds; never empty. */
  readonly roots: readonly RecordedStage[];
}

/** The connected parts of the graph, ordered by the name of their first stage. */
export function componentsOf(header: RecordingHeader): Component[] {
  const byId = new Map(header.stages.map((stage) => [stage.id, stage]));
  const stages = [...byId.values()].sort(byName);
  const edges = header.edges.filter((edge) => edge.from !== edge.to && byId.has(edge.from) && byId.has(edge.to));
  const left = new Set(stages.map((stage) => stage.id));
  const components: Component[] = [];
  for (const start of stages) {
    if (!left.has(start.id)) continue;
    const found = reach(start.id, edges);
    for (const id of found) left.delete(id);
    components.push(component(stages, edges, found));
  }
  return components;
}

/** True if it serves requests that stages of another part send it. */
export function isAskedByOthers(component: Component, header: RecordingHeader, all: WindowSignals): boolean {
  const ports = new Set(component.roots.flatMap(({ port }) => port ?? []));
  if (ports.size === 0) return false;
  const own = new Set(component.stages.map(({ id }) => id));
  const servers = new Set(
    header.resources.filter(({ name }) => ports.has(Number(LOOPBACK.exec(name)?.[1]))).map(({ id }) => id),
  );
  return all.resources.some(({ stage, resource }) => servers.has(resource) && !own.has(stage));
}

/** In the order of the component's stages. */
const neighboursOf = remembered(({ stages, edges }: Component) => {
  const places = new Map(stages.map(({ id }, place) => [id, place]));
  const neighbours = (of: "from" | "to", are: "from" | "to") => {
    const ids = new Map<number, Set<number>>();
    for (const edge of edges) ids.set(edge[of], (ids.get(edge[of]) ?? new Set()).add(edge[are]));
    return new Map(
      [...ids].map(([id, others]) => [
        id,
        [...others]
          .flatMap((other) => places.get(other) ?? [])
          .sort((a, b) => a - b)
          .map((place) => stages[place] as RecordedStage),
      ]),
    );
  };
  return { before: neighbours("to", "from"), after: neighbours("from", "to") };
});

export function predecessors(component: Component, stage: number): readonly RecordedStage[] {
  return neighboursOf(component).before.get(stage) ?? [];
}

export function successors(component: Component, stage: number): readonly RecordedStage[] {
  return neighboursOf(component).after.get(stage) ?? [];
}

/** True if items that leave `from` can arrive at `to`. */
export function isUpstream(component: Component, from: number, to: number): boolean {
  const seen = new Set<number>();
  const open = [from];
  for (let id = open.pop(); id !== undefined; id = open.pop())
    for (const edge of component.edges) {
      if (edge.from !== id || seen.has(edge.to)) continue;
      if (edge.to === to) return true;
      seen.add(edge.to);
      open.push(edge.to);
    }
  return false;
}

/** The stages as items meet them: by the longest way from a root, then by name. */
export function inFlowOrder(component: Component): RecordedStage[] {
  const depth = new Map(component.stages.map((stage) => [stage.id, 0]));
  // In a cycle depths would grow for ever; no way without one is longer than this.
  for (let round = 0; round < component.stages.length; round += 1)
    for (const { from, to } of component.edges)
      depth.set(to, Math.min(component.stages.length, Math.max(depth.get(to) ?? 0, (depth.get(from) ?? 0) + 1)));
  return [...component.stages].sort((a, b) => (depth.get(a.id) ?? 0) - (depth.get(b.id) ?? 0));
}

function component(
  all: readonly RecordedStage[],
  allEdges: readonly RecordedEdge[],
  found: ReadonlySet<number>,
): Component {
  const stages = all.filter((stage) => found.has(stage.id));
  const edges = allEdges.filter((edge) => found.has(edge.from));
  const fed = new Set(edges.map((edge) => edge.to));
  const roots = stages.filter((stage) => !fed.has(stage.id));
  // A cycle has no root: then what is declared a source feeds it, or else the first by name.
  const declared = stages.filter((stage) => stage.role === "source");
  const fallback = declared.length > 0 ? declared : stages.slice(0, 1);
  return { stages, edges, roots: roots.length > 0 ? roots : fallback };
}

function reach(start: number, edges: readonly RecordedEdge[]): Set<number> {
  const found = new Set([start]);
  const open = [start];
  for (let id = open.pop(); id !== undefined; id = open.pop())
    for (const edge of edges) {
      const next = edge.from === id ? edge.to : edge.to === id ? edge.from : null;
      if (next === null || found.has(next)) continue;
      found.add(next);
      open.push(next);
    }
  return found;
}

function byName(a: RecordedStage, b: RecordedStage): number {
  const left = `${a.pipeline}\u0000${a.name}`;
  const right = `${b.pipeline}\u0000${b.name}`;
  return left < right ? -1 : left > right ? 1 : 0;
}
