import {
  BLOCKED,
  type ResourceDefinition,
  SELF,
  type Snapshot,
  type StageDefinition,
  USE,
  WAIT,
} from "@pinchpoint/probe";
import type { MetricTables } from "./metric-tables.ts";
import { resourceAttributes, StagePlaces } from "./stage-places.ts";

/** States in which a worker has an item in hand. */
const HOLDING: readonly number[] = [SELF, WAIT, USE, BLOCKED];

/** Adds what the stages and their resources did; rows of several threads add up. */
export class StageSeries {
  readonly #tables: MetricTables;
  /** By the stage's id. */
  readonly #stages = new Map<number, StagePlaces>();

  constructor(tables: MetricTables) {
    this.#tables = tables;
  }

  /** The places of the stages that were added, by pipeline and name. */
  byName(): ReadonlyMap<string, ReadonlyMap<string, StagePlaces>> {
    const pipelines = Map.groupBy(this.#stages.values(), ({ stage }) => stage.pipeline);
    return new Map(
      Array.from(pipelines, ([pipeline, places]) => [pipeline, new Map(places.map((of) => [of.stage.name, of]))]),
    );
  }

  add(snapshot: Snapshot): void {
    this.#know(snapshot.stages);
    this.#addStages(snapshot);
    this.#addResources(snapshot);
    this.#addStateTimes(snapshot);
  }

  #know(stages: readonly StageDefinition[]): void {
    for (const stage of stages) {
      if (this.#stages.get(stage.id)?.isOf(stage) !== true)
        this.#stages.set(stage.id, new StagePlaces(this.#tables, stage));
    }
    if (this.#stages.size === stages.length) return;
    const told = new Set(stages.map(({ id }) => id));
    for (const id of this.#stages.keys()) if (!told.has(id)) this.#stages.delete(id);
  }

  #addStages({ stageRows, threads }: Snapshot): void {
    const tables = this.#tables;
    const roleOf = new Map(threads.map(({ id, role }) => [id, role]));
    for (const places of this.#stages.values()) places.restSeconds.fill(0);
    for (const row of stageRows) {
      const places = this.#stages.get(row.stage);
      if (places === undefined) continue;
      tables.addTo(places.ok, row.items);
      tables.addTo(places.failed, row.errors);
      tables.addTo(places.dropped, row.dropped);
      tables.addTo(places.arrived, row.arrived);
      tables.addTo(places.emitted, row.emitted);
      tables.addTo(places.untimed, row.untimed);
      let workers = 0;
      for (const count of row.stateWorkers) workers += count;
      tables.addTo(places.workers, workers);
      let inFlight = 0;
      for (const state of HOLDING) inFlight += row.stateWorkers[state] ?? 0;
      tables.addTo(places.inFlight, inFlight);
      tables.addDurations("stageDuration", places.duration, row.duration);
      const role = roleOf.get(row.thread);
      if (role !== undefined) tables.addTo(places.loopTime(role), row.loopHeldSeconds);
      const { restSeconds } = places;
      for (let state = 0; state < restSeconds.length; state++) {
        restSeconds[state] = (restSeconds[state] as number) + (row.stateSeconds[state] ?? 0);
      }
    }
  }

  /** Durations are told by the stage; capacity and use by the resource alone, because its users share it. */
  #addResources({ resources, resourceRows }: Snapshot): void {
    const tables = this.#tables;
    const known = new Map(
      resources.map((resource) => {
        const inUse = tables.number("resourceInUse").place(resourceAttributes(resource));
        return [resource.id, { resource, inUse }];
      }),
    );
    for (const row of resourceRows) {
      const stage = this.#stages.get(row.stage);
      const resource = known.get(row.resource);
      if (stage === undefined || resource === undefined) continue;
      tables.addTo(resource.inUse, row.inUse);
      const places = stage.use(resource.resource);
      tables.addDurations("resourceWaitDuration", places.waitDuration, row.wait);
      tables.addDurations("resourceUseDuration", places.useDuration, row.use);
      tables.addTo(places.waitTime, row.waitSeconds);
      tables.addTo(places.useTime, row.useSeconds);
      takeFrom(stage.restSeconds, WAIT, row.waitSeconds);
      takeFrom(stage.restSeconds, USE, row.useSeconds);
    }
    for (const resource of resources) addCapacity(tables, resource);
  }

  /**
   * States exclude each other, so their series must add up to the workers' time: waiting for a resource and using it are
   * told by resource, and only what no resource accounts for is told without one.
   */
  #addStateTimes({ stageRows }: Snapshot): void {
    const told = new Set(stageRows.map(({ stage }) => stage));
    for (const [id, { stateTimes, restSeconds }] of this.#stages) {
      if (!told.has(id)) continue;
      for (const [state, place] of stateTimes.entries()) this.#tables.addTo(place, restSeconds[state] as number);
    }
  }
}

function takeFrom(seconds: Float64Array, state: number, share: number): void {
  seconds[state] = Math.max(0, (seconds[state] as number) - share);
}

function addCapacity(tables: MetricTables, resource: ResourceDefinition): void {
  if (resource.capacity !== null) tables.add("resourceCapacity", resourceAttributes(resource), resource.capacity);
}
