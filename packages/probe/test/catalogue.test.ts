import { expect, test } from "vitest";
import { ATTRIBUTE, METRICS } from "../src/catalogue.ts";

/** The design page's table ("Names"), as far as something records it, and this project's additions below the line. */
const PROMISED = `
  pinchpoint.stage.items counter {item} outcome
  pinchpoint.stage.arrived counter {item}
  pinchpoint.stage.emitted counter {item}
  pinchpoint.stage.state.time counter s state pinchpoint.resource.name
  pinchpoint.stage.duration histogram s
  pinchpoint.stage.workers gauge {worker}
  pinchpoint.stage.in_flight gauge {worker}
  pinchpoint.resource.wait.duration histogram s pinchpoint.resource.name
  pinchpoint.resource.use.duration histogram s pinchpoint.resource.name
  pinchpoint.resource.capacity gauge {server} pinchpoint.resource.name
  pinchpoint.resource.in_use gauge {server} pinchpoint.resource.name
  pinchpoint.thread.cpu.time counter s pinchpoint.thread.role
  pinchpoint.thread.runqueue.time counter s pinchpoint.thread.role
  v8js.gc.duration histogram s v8js.gc.type pinchpoint.thread.role
  v8js.memory.heap.limit gauge By v8js.heap.space.name pinchpoint.thread.role
  v8js.memory.heap.used gauge By v8js.heap.space.name pinchpoint.thread.role
  pinchpoint.dropped counter {loss} reason
  nodejs.eventloop.utilization gauge 1 pinchpoint.thread.role
  nodejs.eventloop.delay.mean gauge s pinchpoint.thread.role
  nodejs.eventloop.delay.p50 gauge s pinchpoint.thread.role
  nodejs.eventloop.delay.p99 gauge s pinchpoint.thread.role
  nodejs.eventloop.delay.max gauge s pinchpoint.thread.role
  nodejs.eventloop.time counter s nodejs.eventloop.state pinchpoint.thread.role
  pinchpoint.stage.loop.time counter s pinchpoint.thread.role
  pinchpoint.stage.untimed counter {unit}
  pinchpoint.collect.duration histogram s
  pinchpoint.rows.in_use gauge {row}
  pinchpoint.rows.limit gauge {row}
  pinchpoint.threads.in_use gauge {thread}
  pinchpoint.threads.limit gauge {thread}
`;

test("the catalogue holds what the design promises, and nothing else", () => {
  const lines = (text: string) => text.trim().split(/\s*\n\s*/);
  const found = Object.values(METRICS).map(({ name, type, unit, attributes }) =>
    [name, type, unit, ...attributes].join(" "),
  );
  expect(found.sort()).toEqual(lines(PROMISED).sort());
});

test("names and attributes are written as OpenTelemetry writes them", () => {
  const metrics = Object.values(METRICS);
  expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length);
  for (const { name, unit, description } of metrics) {
    expect(name).toMatch(/^[a-z][a-z0-9]*(\.[a-z][a-z0-9]*(_[a-z0-9]+)*)+$/);
    expect(name).not.toMatch(/total$|seconds|count$/);
    expect(unit).toMatch(/^(s|1|By|\{[a-z]+\})$/);
    expect(description).toMatch(/^[A-Z].*\.$/);
  }
  for (const key of Object.values(ATTRIBUTE)) expect(key).toMatch(/^[a-z]+(\.[a-z]+)*$/);
});
