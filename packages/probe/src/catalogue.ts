/**
 * Every metric that Pinchpoint hands over: the recorder, OpenTelemetry, dashboards and documentation all read this one
 * table. Names follow OpenTelemetry's conventions: seconds and items, no `_total`, no unit in the name.
 */
export interface Metric {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** UCUM unit. */
  readonly unit: string;
  readonly description: string;
  /** Attribute keys besides the pipeline's and the stage's. */
  readonly attributes: readonly string[];
}

export const ATTRIBUTE = {
  pipeline: "pinchpoint.pipeline.name",
  stage: "pinchpoint.stage.name",
  resource: "pinchpoint.resource.name",
  /** Of a span: how many items its hand-over has. */
  items: "pinchpoint.items",
  /** Of a span that was made after the fact: why, `slowest` or `failed`. */
  exemplar: "pinchpoint.exemplar",
  threadRole: "pinchpoint.thread.role",
  /** Where the stage of a server listens. */
  serverPort: "server.port",
  state: "state",
  outcome: "outcome",
  reason: "reason",
} as const;

/** What the code calls each metric. */
export type MetricKey =
  | "stageItems"
  | "stageArrived"
  | "stageEmitted"
  | "stageUntimed"
  | "stageStateTime"
  | "stageLoopTime"
  | "stageDuration"
  | "stageWorkers"
  | "stageInFlight"
  | "resourceWaitDuration"
  | "resourceUseDuration"
  | "resourceCapacity"
  | "resourceInUse"
  | "threadCpuTime"
  | "threadRunQueueTime"
  | "loopUtilization"
  | "loopDelayMean"
  | "loopDelayP50"
  | "loopDelayP99"
  | "loopDelayMax"
  | "loopTime"
  | "gcDuration"
  | "heapUsed"
  | "heapLimit"
  | "collectDuration"
  | "rowsInUse"
  | "rowLimit"
  | "threadsInUse"
  | "threadLimit"
  | "dropped";

export const METRICS: Readonly<Record<MetricKey, Metric>> = {
  stageItems: {
    name: "pinchpoint.stage.items",
    type: "counter",
    unit: "{item}",
    description: "Items that the stage finished, by outcome.",
    attributes: [ATTRIBUTE.outcome],
  },
  stageArrived: {
    name: "pinchpoint.stage.arrived",
    type: "counter",
    unit: "{item}",
    description: "Items that arrived at the stage.",
    attributes: [],
  },
  stageEmitted: {
    name: "pinchpoint.stage.emitted",
    type: "counter",
    unit: "{item}",
    description: "Items that the stage passed on.",
    attributes: [],
  },
  stageUntimed: {
    name: "pinchpoint.stage.untimed",
    type: "counter",
    unit: "{unit}",
    description:
      "Hand-overs that were counted only, since the stage has too many to time each: its times are concluded from the others, its durations are of the others.",
    attributes: [],
  },
  stageStateTime: {
    name: "pinchpoint.stage.state.time",
    type: "counter",
    unit: "s",
    description: "Time that the stage's workers spent in each state; the states exclude each other.",
    attributes: [ATTRIBUTE.state, ATTRIBUTE.resource],
  },
  stageLoopTime: {
    name: "pinchpoint.stage.loop.time",
    type: "counter",
    unit: "s",
    description: "Time that the stage held the event loop of its thread.",
    attributes: [ATTRIBUTE.threadRole],
  },
  stageDuration: {
    name: "pinchpoint.stage.duration",
    type: "histogram",
    unit: "s",
    description: "Service time of one hand-over: from its start in the stage to its end, without waiting for output.",
    attributes: [],
  },
  stageWorkers: {
    name: "pinchpoint.stage.workers",
    type: "gauge",
    unit: "{worker}",
    description: "Workers of the stage: live streams, or calls in flight.",
    attributes: [],
  },
  stageInFlight: {
    name: "pinchpoint.stage.in_flight",
    type: "gauge",
    unit: "{worker}",
    description: "Workers of the stage that hold an item.",
    attributes: [],
  },
  resourceWaitDuration: {
    name: "pinchpoint.resource.wait.duration",
    type: "histogram",
    unit: "s",
    description: "Time that a stage waited for the resource.",
    attributes: [ATTRIBUTE.resource],
  },
  resourceUseDuration: {
    name: "pinchpoint.resource.use.duration",
    type: "histogram",
    unit: "s",
    description: "Time that a stage held the resource.",
    attributes: [ATTRIBUTE.resource],
  },
  resourceCapacity: {
    name: "pinchpoint.resource.capacity",
    type: "gauge",
    unit: "{server}",
    description: "How many may hold the resource at once, as declared.",
    attributes: [ATTRIBUTE.resource],
  },
  resourceInUse: {
    name: "pinchpoint.resource.in_use",
    type: "gauge",
    unit: "{server}",
    description: "How many hold the resource now.",
    attributes: [ATTRIBUTE.resource],
  },
  threadCpuTime: {
    name: "pinchpoint.thread.cpu.time",
    type: "counter",
    unit: "s",
    description: "CPU time of the thread.",
    attributes: [ATTRIBUTE.threadRole],
  },
  threadRunQueueTime: {
    name: "pinchpoint.thread.runqueue.time",
    type: "counter",
    unit: "s",
    description: "Time that the thread could have run but had no core.",
    attributes: [ATTRIBUTE.threadRole],
  },
  loopUtilization: {
    name: "nodejs.eventloop.utilization",
    type: "gauge",
    unit: "1",
    description: "Share of time that the event loop was not idle, since the last collection.",
    attributes: [ATTRIBUTE.threadRole],
  },
  loopDelayMean: {
    name: "nodejs.eventloop.delay.mean",
    type: "gauge",
    unit: "s",
    description: "Mean delay of the event loop since the last collection.",
    attributes: [ATTRIBUTE.threadRole],
  },
  loopDelayP50: {
    name: "nodejs.eventloop.delay.p50",
    type: "gauge",
    unit: "s",
    description: "Median delay of the event loop since the last collection.",
    attributes: [ATTRIBUTE.threadRole],
  },
  loopDelayP99: {
    name: "nodejs.eventloop.delay.p99",
    type: "gauge",
    unit: "s",
    description: "The 99th percentile of the delay of the event loop since the last collection.",
    attributes: [ATTRIBUTE.threadRole],
  },
  loopDelayMax: {
    name: "nodejs.eventloop.delay.max",
    type: "gauge",
    unit: "s",
    description: "Longest delay of the event loop since the last collection.",
    attributes: [ATTRIBUTE.threadRole],
  },
  loopTime: {
    name: "nodejs.eventloop.time",
    type: "counter",
    unit: "s",
    description: "Cumulative duration of time the event loop has been in each state.",
    attributes: ["nodejs.eventloop.state", ATTRIBUTE.threadRole],
  },
  gcDuration: {
    name: "v8js.gc.duration",
    type: "histogram",
    unit: "s",
    description: "Garbage collection duration.",
    attributes: ["v8js.gc.type", ATTRIBUTE.threadRole],
  },
  heapUsed: {
    name: "v8js.memory.heap.used",
    type: "gauge",
    unit: "By",
    description: "Heap memory in use, after the newest mark-sweep.",
    attributes: ["v8js.heap.space.name", ATTRIBUTE.threadRole],
  },
  heapLimit: {
    name: "v8js.memory.heap.limit",
    type: "gauge",
    unit: "By",
    description: "Heap memory that V8 holds, in use or not, after the newest mark-sweep.",
    attributes: ["v8js.heap.space.name", ATTRIBUTE.threadRole],
  },
  collectDuration: {
    name: "pinchpoint.collect.duration",
    type: "histogram",
    unit: "s",
    description: "Time that collections for this reader took before this one, during which they held the event loop.",
    attributes: [],
  },
  rowsInUse: {
    name: "pinchpoint.rows.in_use",
    type: "gauge",
    unit: "{row}",
    description: "Rows that record a stage, or what it calls, on a thread.",
    attributes: [],
  },
  rowLimit: {
    name: "pinchpoint.rows.limit",
    type: "gauge",
    unit: "{row}",
    description: "Rows that there is room for in all.",
    attributes: [],
  },
  threadsInUse: {
    name: "pinchpoint.threads.in_use",
    type: "gauge",
    unit: "{thread}",
    description: "Threads that have a place to record in.",
    attributes: [],
  },
  threadLimit: {
    name: "pinchpoint.threads.limit",
    type: "gauge",
    unit: "{thread}",
    description: "Threads that there is a place for.",
    attributes: [],
  },
  dropped: {
    name: "pinchpoint.dropped",
    type: "counter",
    unit: "{loss}",
    description: "What Pinchpoint itself could not keep, by reason.",
    attributes: [ATTRIBUTE.reason],
  },
};
