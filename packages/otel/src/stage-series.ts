import { ATTRIBUTE, BLOCKED, SELF, type Snapshot, STATES, USE, WAIT } from "@pinchpoint/probe";
import type { MetricTables } from "./metric-tables.ts";
import { stageAttributes } from "./stage-attributes.ts";

/** States in which a worker has an item in hand. */
const HOLDING: readonly number[] = [SELF, WAIT, USE, BLOCKED];

/** Adds what the stages and their resources did; rows of several threads add up. */
export function addStages(tables: MetricTables, snapshot: Snapshot): void {
  const attributesOf = new Map(snapshot.stages.map((stage) => [stage.id, stageAttributes(stage)]));
  const roleOf = new Map(snapshot.threads.map(({ id, role }) => [id, role]));
  for (const row of snapshot.stageRows) {
    const stage = attributesOf.get(row.stage);
    if (stage === undefined) continue;
    tables.add("stageItems", { ...stage, [ATTRIBUTE.outcome]: "ok" }, row.items);
    tables.add("stageItems", { ...stage, [ATTRIBUTE.outcome]: "error" }, row.errors);
    tables.add("stageItems", { ...stage, [ATTRIBUTE.outcome]: "dropped" }, row.dropped);
    tables.add("stageArrived", stage, row.arrived);
    tables.add("stageEmitted", stage, row.emitted);
    tables.add("stageUntimed", stage, row.untimed);
    tables.add("stageWorkers", stage, total(row.stateWorkers));
    tables.add("stageInFlight", stage, total(HOLDING.map((state) => row.stateWorkers[state] ?? 0)));
    tables.addDurations("stageDuration", stage, row.duration);
    const role = roleOf.get(row.thread);
    if (role !== undefined)
      tables.add("stageLoopTime", { ...stage, [ATTRIBUTE.threadRole]: role }, row.loopHeldSeconds);
  }
  addStateTimes(tables, snapshot, attributesOf);
  addResources(tables, snapshot, attributesOf);
}

type StageAttributes = ReturnType<typeof stageAttributes>;

/**
 * States exclude each other, so their series must add up to the workers' time: waiting for a resource and using it are
 * told by resource, and only what no resource accounts for is told without one.
 */
function addStateTimes(
  tables: MetricTables,
  { stageRows, resourceRows, resources }: Snapshot,
  attributesOf: ReadonlyMap<number, StageAttributes>,
): void {
  const resourceOf = new Map(resources.map(({ id, name }) => [id, name]));
  const usesOf = Map.groupBy(resourceRows, ({ stage }) => stage);
  for (const [id, rows] of Map.groupBy(stageRows, ({ stage }) => stage)) {
    const stage = attributesOf.get(id);
    if (stage === undefined) continue;
    const rest = STATES.map((_, state) => total(rows.map((row) => row.stateSeconds[state] ?? 0)));
    for (const { resource, waitSeconds, useSeconds } of usesOf.get(id) ?? []) {
      const name = resourceOf.get(resource);
      if (name === undefined) continue;
      for (const [state, seconds] of [[WAIT, waitSeconds] as const, [USE, useSeconds] as const]) {
        rest[state] = Math.max(0, (rest[state] ?? 0) - seconds);
        tables.add(
          "stageStateTime",
          { ...stage, [ATTRIBUTE.state]: STATES[state], [ATTRIBUTE.resource]: name },
          seconds,
        );
      }
    }
    for (const [state, name] of STATES.entries()) {
      tables.add("stageStateTime", { ...stage, [ATTRIBUTE.state]: name }, rest[state] ?? 0);
    }
  }
}

/** Durations are told by the stage; capacity and use by the resource alone, because its users share it. */
function addResources(
  tables: MetricTables,
  { resources, resourceRows }: Snapshot,
  attributesOf: ReadonlyMap<number, StageAttributes>,
): void {
  const ownAttributes = new Map(
    resources.map(({ id, pipeline, name }) => [id, { [ATTRIBUTE.pipeline]: pipeline, [ATTRIBUTE.resource]: name }]),
  );
  for (const row of resourceRows) {
    const stage = attributesOf.get(row.stage);
    const resource = ownAttributes.get(row.resource);
    if (stage === undefined || resource === undefined) continue;
    tables.add("resourceInUse", resource, row.inUse);
    tables.addDurations("resourceWaitDuration", { ...resource, ...stage }, row.wait);
    tables.addDurations("resourceUseDuration", { ...resource, ...stage }, row.use);
  }
  for (const { id, capacity } of resources) {
    if (capacity !== null) tables.add("resourceCapacity", ownAttributes.get(id) ?? {}, capacity);
  }
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
