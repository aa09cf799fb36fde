import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type OtlpReceiver, type ReceivedSpan, startReceiver } from "./otlp-receiver.ts";
import { application, bare, endPrograms, NODE, PRELOAD, startProgram } from "./program.ts";

const COUNT = 60;

/** What the application calls: what it was told of traces. */
interface Service {
  readonly url: string;
  readonly heard: readonly Readonly<Record<string, string | string[] | undefined>>[];
  close(): void;
}

let service: Service;
let receiver: OtlpReceiver;
beforeEach(async () => {
  service = await startService();
  receiver = await startReceiver();
});
afterEach(async () => {
  endPrograms();
  service.close();
  await receiver.close();
});

async function startService(): Promise<Service> {
  const heard: (typeof service.heard)[number][] = [];
  const server = createServer((request, response) => {
    heard.push(request.headers);
    response.end("ok");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, heard, close: () => server.close() };
}

interface Surroundings {
  /** Of Node's. */
  readonly options?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Called when all items are through, while the application waits. */
  readonly whileThere?: () => Promise<void>;
}

async function traced({ options = [], environment = {}, whileThere }: Surroundings = {}) {
  const words = [...options, "--require", PRELOAD, application("traced.js"), String(COUNT), service.url];
  const { child, ended, says } = startProgram(NODE, words, {
    input: null,
    environment: {
      PINCHPOINT_PORT: "off",
      PINCHPOINT_TRACES: "100000",
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      ...environment,
    },
  });
  await says("sum");
  await whileThere?.();
  child.stdin?.end();
  return ended;
}

function chainOf(span: ReceivedSpan | undefined): readonly ReceivedSpan[] {
  if (span === undefined) return [];
  return [span, ...chainOf(receiver.spans.find(({ spanId }) => spanId === span.parentSpanId))];
}

test("one trace goes from stage to stage, into the worker thread, and to the service that it calls", async () => {
  expect(await traced()).toEqual({ code: 0, signal: null, stdout: `sum ${COUNT * (COUNT - 1)}\nend\n`, stderr: "" });
  const calls = receiver.spans.filter(({ kind }) => kind === "client");
  expect(calls.length).toBeGreaterThan(COUNT / 4);
  for (const call of calls) {
    const chain = chainOf(call);
    expect(chain.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      "GET client",
      "traced-worker.js internal",
      "traced-worker.js internal",
      "ask internal",
      expect.stringMatching(/^readable@traced\.js:\d+ internal$/),
    ]);
    expect(new Set(chain.map(({ traceId }) => traceId)).size).toBe(1);
    expect(chain.at(-1)?.parentSpanId).toBe("");
    for (const [at, span] of chain.slice(0, 3).entries()) {
      expect(span.startMs).toBeGreaterThanOrEqual((chain[at + 1] as ReceivedSpan).startMs);
      expect(span.endMs).toBeLessThanOrEqual((chain[at + 1] as ReceivedSpan).endMs);
    }
  }
  // The service hears of the call's own span, each of its own.
  const told = service.heard.flatMap(({ traceparent }) => traceparent ?? []);
  expect(told.sort()).toEqual(calls.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`).sort());
  // The item goes on to the sink in the same trace.
  const sinks = receiver.spans.filter(({ name }) => name === "keep");
  expect(sinks.length).toBe(calls.length);
  for (const sink of sinks) expect(chainOf(sink).map(({ name }) => name)[1]).toBe("ask");
});

test("a span tells where and what, and nothing of paths, queries or command lines", async () => {
  await traced();
  const call = receiver.spans.find(({ kind }) => kind === "client");
  const { port } = new URL(service.url);
  expect(call?.attributes).toEqual({
    "http.request.method": "GET",
    "url.scheme": "http",
    "server.address": "127.0.0.1",
    "server.port": Number(port),
    "http.response.status_code": 200,
    "thread.id": expect.any(Number),
    "thread.name": expect.any(String),
  });
  expect(JSON.stringify(receiver.spans)).not.toContain("secret");
  expect(Object.keys(receiver.resource())).not.toContain("process.command_args");
  expect(receiver.resource()).toMatchObject({ "service.name": "small-etl" });
});

test("standard variables say who the service is, how contexts go over the wire, and which traces are kept", async () => {
  await traced({
    environment: {
      OTEL_SERVICE_NAME: "mine",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
      OTEL_PROPAGATORS: "b3",
    },
  });
  expect(receiver.resource()).toMatchObject({ "service.name": "mine", "deployment.environment.name": "test" });
  const told = service.heard.flatMap(({ b3 }) => b3 ?? []);
  const calls = receiver.spans.filter(({ kind }) => kind === "client");
  expect(told.sort()).toEqual(calls.map(({ traceId, spanId }) => `${traceId}-${spanId}-1`).sort());
  expect(told.length).toBeGreaterThan(0);
});

test.for([{ OTEL_TRACES_SAMPLER: "always_off" }, { OTEL_TRACES_EXPORTER: "none" }, { PINCHPOINT_TRACES: "off" }])(
  "with %j there are no spans, and metrics all the same",
  async (environment) => {
    await traced({ environment });
    expect(receiver.spans).toEqual([]);
    expect(itemsByStage().keep).toBe(COUNT);
  },
);

test("a Node that may not load ES modules at once sends what the main thread records, and counts what it cannot follow", async () => {
  const { stdout, stderr } = await traced({ options: ["--no-require-module"] });
  expect({ stdout, stderr }).toEqual({ stdout: `sum ${COUNT * (COUNT - 1)}\nend\n`, stderr: "" });
  expect(itemsByStage()).toMatchObject({ ask: COUNT, keep: COUNT });
  expect(receiver.spans.filter(({ name }) => name === "keep").length).toBeGreaterThan(COUNT / 4);
  const dropped = receiver.points().filter(({ metric }) => metric === "pinchpoint.dropped");
  expect(dropped.map(({ attributes }) => attributes.reason)).toContain("not-patched");
});

test("the slowest hand-over of a second is a span though no trace began with it", async () => {
  await startProgram(NODE, ["--require", PRELOAD, application("slow-item.js")], {
    environment: { PINCHPOINT_PORT: "off", PINCHPOINT_TRACES: "1", OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  }).ended;
  const late = receiver.spans.filter(({ attributes }) => attributes["pinchpoint.exemplar"] === "slowest");
  const slowest = late.find(({ name, startMs, endMs }) => name === "score" && endMs - startMs >= 290);
  expect(slowest).toMatchObject({ kind: "internal", parentSpanId: "", attributes: { "pinchpoint.items": 1 } });
});

function itemsByStage(): Record<string, number | undefined> {
  const items = receiver.points().filter(({ metric }) => metric === "pinchpoint.stage.items");
  return Object.fromEntries(
    items
      .filter(({ attributes }) => attributes.outcome === "ok")
      .map(({ attributes, value }) => [attributes["pinchpoint.stage.name"], value]),
  );
}

test("the receiver gets the numbers that /metrics shows", async () => {
  const port = await freePort();
  let page = "";
  await traced({
    environment: { PINCHPOINT_PORT: String(port) },
    whileThere: async () => {
      page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    },
  });
  expect(receiver.requests.every((request) => request.endsWith("application/x-protobuf"))).toBe(true);
  const shown = countersOf(page);
  const told = Object.fromEntries(
    receiver
      .points()
      .filter(({ metric, value }) => value !== undefined && /^pinchpoint\.stage\.(items|arrived|emitted)$/.test(metric))
      .map(({ metric, attributes, value }) => [seriesOf(metric, attributes), value]),
  );
  expect(Object.keys(told).length).toBeGreaterThan(8);
  expect(told).toEqual(Object.fromEntries(Object.keys(told).map((series) => [series, shown[series]])));
  // Each bucket of the page is made of whole buckets of the exact histogram.
  const histograms = receiver.points().filter(({ metric }) => metric === "pinchpoint.stage.duration");
  expect(histograms.length).toBe(3);
  for (const { metric, attributes, histogram } of histograms) {
    const { scale = 0, offset = 0, counts = [], count = 0, sum = 0 } = histogram ?? {};
    expect(count).toBe(COUNT);
    expect(shown[seriesOf(`${metric}_sum`, attributes)]).toBeCloseTo(sum, 9);
    for (let exponent = -16; exponent <= 6; exponent++) {
      const below = counts.filter((_, at) => (offset + at + 1) / 2 ** scale <= exponent).reduce((a, b) => a + b, 0);
      expect(shown[seriesOf(`${metric}_bucket`, { ...attributes, le: String(2 ** exponent) })]).toBe(below);
    }
  }
});

test("a receiver that wants differences gets them, and they add up to everything", async () => {
  await traced({
    environment: { OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: "delta", OTEL_METRIC_EXPORT_INTERVAL: "100" },
  });
  const points = receiver.exports.flat();
  const ofMetric = (name: string) => points.filter(({ metric }) => metric === name);
  const items = ofMetric("pinchpoint.stage.arrived").filter(
    ({ attributes }) => attributes["pinchpoint.stage.name"] === "keep",
  );
  expect(items.reduce((sum, { value = 0 }) => sum + value, 0)).toBe(COUNT);
  const durations = ofMetric("pinchpoint.stage.duration").filter(
    ({ attributes }) => attributes["pinchpoint.stage.name"] === "keep",
  );
  expect(durations.reduce((sum, { histogram }) => sum + (histogram?.count ?? 0), 0)).toBe(COUNT);
  expect(new Set([...items, ...durations].map(({ temporality }) => temporality))).toEqual(new Set([1]));
});

/** Values of a page, by the name and the sorted labels. */
function countersOf(page: string): Record<string, number> {
  const lines = page.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = "", labels = "", value] = /^(\w+)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
      const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, text]) => [key, text]);
      return [seriesOf(name, Object.fromEntries(pairs)), Number(value)];
    }),
  );
}

function seriesOf(metric: string, attributes: Readonly<Record<string, string | number>>): string {
  const labels = Object.entries(attributes)
    .filter(([key]) => !key.startsWith("otel_scope"))
    .map(([key, value]) => `${key.replaceAll(".", "_")}=${value}`);
  const name = metric
    .replaceAll(".", "_")
    .replace(/^(pinchpoint_stage_(?:items|arrived|emitted))$/, "$1_total")
    .replace(/^(pinchpoint_stage_duration)(?!_seconds)/, "$1_seconds");
  return `${name} ${labels.sort().join(" ")}`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test.for([
  ["hangs", ""],
  ["refuses", "pinchpoint: an export by OTLP failed"],
] as const)(
  "a receiver that %s changes nothing of what the application says, and how it ends",
  async ([manner, said]) => {
    await receiver.close();
    receiver = await startReceiver(manner);
    const words = [application("traced.js"), "3", service.url];
    const alone = await bare(words);
    const beside = await startProgram(NODE, ["--require", PRELOAD, ...words], {
      environment: { PINCHPOINT_PORT: "off", OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
    }).ended;
    expect({ ...beside, stderr: "" }).toEqual(alone);
    expect(beside.stderr.slice(0, said.length)).toBe(said);
    expect(beside.stderr.split("\n").length).toBeLessThanOrEqual(2);
    expect(receiver.requests.length).toBeGreaterThan(0);
  },
);

test("where nobody listens, one sentence says so", async () => {
  await receiver.close();
  const words = [application("traced.js"), "3", service.url];
  const alone = await bare(words);
  const beside = await startProgram(NODE, ["--require", PRELOAD, ...words], {
    environment: { PINCHPOINT_PORT: "off", OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  }).ended;
  expect({ ...beside, stderr: "" }).toEqual(alone);
  expect(beside.stderr).toBe(
    "pinchpoint: an export by OTLP failed (ECONNREFUSED); check OTEL_EXPORTER_OTLP_ENDPOINT. It is tried again, and not said again.\n",
  );
});
