import type { Attributes } from "@opentelemetry/api";
import {
  ATTRIBUTE,
  type ResourceDefinition,
  STATES,
  type StageDefinition,
  type ThreadRole,
  USE,
  WAIT,
} from "@pinchpoint/probe";
import type { HistogramSeries } from "./histogram-series.ts";
import type { MetricTables } from "./metric-tables.ts";
import type { NumberSeries } from "./number-series.ts";
import type { Place } from "./series-table.ts";
import { stageAttributes } from "./stage-attributes.ts";

/** Where the numbers of one stage go: found once, so that a collection neither makes nor compares attributes. */
export class StagePlaces {
  readonly #tables: MetricTables;
  readonly stage: StageDefinition;
  readonly #attributes: Attributes;
  readonly #uses = new Map<number, UsePlaces>();
  readonly #loopTimes = new Map<ThreadRole, Place<NumberSeries>>();
  readonly ok: Place<NumberSeries>;
  readonly failed: Place<NumberSeries>;
  readonly dropped: Place<NumberSeries>;
  readonly arrived: Place<NumberSeries>;
  readonly emitted: Place<NumberSeries>;
  readonly untimed: Place<NumberSeries>;
  readonly workers: Place<NumberSeries>;
  readonly inFlight: Place<NumberSeries>;
  readonly duration: Place<HistogramSeries>;
  /** In the order of STATES. */
  readonly stateTimes: readonly Place<NumberSeries>[];
  /** Worker-seconds by state that no resource accounts for, while a collection adds them up. */
  readonly restSeconds: Float64Array = new Float64Array(STATES.length);

  constructor(tables: MetricTables, stage: StageDefinition) {
    const attributes = stageAttributes(stage);
    const items = (outcome: string) =>
      tables.number("stageItems").stagePlace({ ...attributes, [ATTRIBUTE.outcome]: outcome }, stage.id);
    this.#tables = tables;
    this.stage = stage;
    this.#attributes = attributes;
    this.ok = items("ok");
    this.failed = items("error");
    this.dropped = items("dropped");
    this.arrived = tables.number("stageArrived").stagePlace(attributes, stage.id);
    this.emitted = tables.number("stageEmitted").stagePlace(attributes, stage.id);
    this.untimed = tables.number("stageUntimed").stagePlace(attributes, stage.id);
    this.workers = tables.number("stageWorkers").stagePlace(attributes, stage.id);
    this.inFlight = tables.number("stageInFlight").stagePlace(attributes, stage.id);
    this.duration = tables.histogram("stageDuration").table.stagePlace(attributes, stage.id);
    this.stateTimes = STATES.map((state) =>
      tables.number("stageStateTime").stagePlace({ ...attributes, [ATTRIBUTE.state]: state }, stage.id),
    );
  }

  /** Whether they are those of this definition: the same stage may be opened again with other attributes. */
  isOf({ pipeline, name, attributes }: StageDefinition): boolean {
    const known = this.stage;
    return known.pipeline === pipeline && known.name === name && isSame(known.attributes, attributes);
  }

  loopTime(role: ThreadRole): Place<NumberSeries> {
    const known = this.#loopTimes.get(role);
    if (known !== undefined) return known;
    const place = this.#tables
      .number("stageLoopTime")
      .stagePlace({ ...this.#attributes, [ATTRIBUTE.threadRole]: role }, this.stage.id);
    this.#loopTimes.set(role, place);
    return place;
  }

  use(resource: ResourceDefinition): UsePlaces {
    const known = this.#uses.get(resource.id);
    if (known?.name === resource.name && known.pipeline === resource.pipeline) return known;
    const places = usePlaces(this.#tables, this.#attributes, this.stage.id, resource);
    this.#uses.set(resource.id, places);
    return places;
  }
}

/** Where the numbers of one stage's use of one resource go. */
export interface UsePlaces {
  readonly pipeline: string;
  readonly name: string;
  readonly waitTime: Place<NumberSeries>;
  readonly useTime: Place<NumberSeries>;
  readonly waitDuration: Place<HistogramSeries>;
  readonly useDuration: Place<HistogramSeries>;
}

function usePlaces(
  tables: MetricTables,
  stage: Attributes,
  stageId: number,
  { pipeline, name }: ResourceDefinition,
): UsePlaces {
  const time = (state: number) =>
    tables
      .number("stageStateTime")
      .stagePlace({ ...stage, [ATTRIBUTE.state]: STATES[state], [ATTRIBUTE.resource]: name }, stageId);
  const attributes = { ...resourceAttributes({ pipeline, name }), ...stage };
  return {
    pipeline,
    name,
    waitTime: time(WAIT),
    useTime: time(USE),
    waitDuration: tables.histogram("resourceWaitDuration").table.stagePlace(attributes, stageId),
    useDuration: tables.histogram("resourceUseDuration").table.stagePlace(attributes, stageId),
  };
}

export function resourceAttributes({ pipeline, name }: Pick<ResourceDefinition, "pipeline" | "name">): Attributes {
  return { [ATTRIBUTE.pipeline]: pipeline, [ATTRIBUTE.resource]: name };
}

function isSame(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  if (one === other) return true;
  const keys = Object.keys(one);
  // In the same order too: of two attributes that would be one label, the first is told.
  return (
    keys.length === Object.keys(other).length &&
    Object.keys(other).every((key, at) => key === keys[at] && one[key] === other[key])
  );
}
