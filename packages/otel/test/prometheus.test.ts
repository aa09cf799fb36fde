import { createServer, type IncomingHttpHeaders, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { gunzipSync } from "node:zlib";
import { type DiagLogger, diag, metrics } from "@opentelemetry/api";
import { afterEach, expect, test, vi } from "vitest";
import { ExporterPage } from "../src/exporter-page.ts";
import { MetricsPage } from "../src/metrics-page.ts";
import type { Page } from "../src/page.ts";
import { type PrometheusOptions, type Serving, servePrometheus } from "../src/prometheus.ts";
import { Source } from "./collections.ts";
import { exposition, type Sample } from "./exposition.ts";
import { openMetrics } from "./openmetrics.ts";
import { durations, resource, resourceRow, snapshot, stage, stageRow, threadReading } from "./snapshots.ts";

const KINDS = ["own", "exporter"] as const;

const PAGES = {
  own: ({ read, options: { maxSeries = 2000, resourceAttributes = {} } }: Source): Page =>
    new MetricsPage(read, { maxSeries, resourceAttributes }),
  exporter: ({ producer }: Source): Page => new ExporterPage(producer),
};

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((serving) => serving.stop()));
});

async function serve(options: PrometheusOptions): Promise<Serving> {
  const result = await servePrometheus({ port: 0, ...options });
  if (result.kind !== "serving") throw new Error(`not serving: ${result.kind}`);
  open.push(result);
  return result;
}

async function occupiedPort(): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push({ stop: () => new Promise((resolve) => server.close(() => resolve())) });
  return { port: (server.address() as AddressInfo).port, server };
}

/** A connection that has sent the text, and has its answer where that is a whole request. */
async function connected(port: number, text: string): Promise<{ readonly closed: Promise<unknown> }> {
  const socket = connect(port, "127.0.0.1");
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.write(text);
  if (text.endsWith("\r\n\r\n")) await new Promise((resolve) => socket.once("data", resolve));
  socket.resume();
  return { closed };
}

async function samples(serving: Serving, name: string): Promise<readonly Sample[]> {
  return exposition(await (await fetch(serving.url)).text()).get(name)?.samples ?? [];
}

function fullSource(): Source {
  const source = new Source(
    snapshot({
      resources: [resource()],
      stageRows: [
        stageRow({
          arrived: 3,
          items: 2,
          errors: 1,
          stateSeconds: [1, 2, 3, 4, 5, 6],
          duration: durations(0.3, 2, 5000),
        }),
      ],
      resourceRows: [resourceRow({ waitSeconds: 3, useSeconds: 4, wait: durations(1, 2), use: durations(4) })],
      losses: { clock: 1 },
    }),
    { resourceAttributes: { "service.name": "features" } },
  );
  source.threads = [
    threadReading({
      ...{ cpuSeconds: 2, runQueueSeconds: 1, loopActiveSeconds: 1, loopIdleSeconds: 3 },
      collections: [{ kind: "minor", counts: [1, 0, 0, 0, 0], sumSeconds: 0.001 }],
      spaces: [{ name: "old_space", used: 1, size: 2 }],
    }),
  ];
  source.room = { rowsInUse: 2, rowLimit: 64, threadsInUse: 1, threadLimit: 16 };
  source.loopDelay = { meanSeconds: 0.001, p50Seconds: 0.0005, p99Seconds: 0.02, maxSeconds: 0.03 };
  return source;
}

/** Names of the families of a full page: without units by the exporter, with them by our own. */
const NAMES = {
  own: {
    target_info: "gauge",
    pinchpoint_stage_items_total: "counter",
    pinchpoint_stage_arrived_total: "counter",
    pinchpoint_stage_emitted_total: "counter",
    pinchpoint_stage_untimed_total: "counter",
    pinchpoint_stage_state_time_seconds_total: "counter",
    pinchpoint_stage_loop_time_seconds_total: "counter",
    pinchpoint_stage_duration_seconds: "histogram",
    pinchpoint_stage_workers: "gauge",
    pinchpoint_stage_in_flight: "gauge",
    pinchpoint_resource_wait_duration_seconds: "histogram",
    pinchpoint_resource_use_duration_seconds: "histogram",
    pinchpoint_resource_capacity: "gauge",
    pinchpoint_resource_in_use: "gauge",
    pinchpoint_thread_cpu_time_seconds_total: "counter",
    pinchpoint_thread_runqueue_time_seconds_total: "counter",
    nodejs_eventloop_utilization_ratio: "gauge",
    nodejs_eventloop_delay_mean_seconds: "gauge",
    nodejs_eventloop_delay_p50_seconds: "gauge",
    nodejs_eventloop_delay_p99_seconds: "gauge",
    nodejs_eventloop_delay_max_seconds: "gauge",
    nodejs_eventloop_time_seconds_total: "counter",
    v8js_gc_duration_seconds: "histogram",
    v8js_memory_heap_used_bytes: "gauge",
    v8js_memory_heap_limit_bytes: "gauge",
    pinchpoint_collect_duration_seconds: "histogram",
    pinchpoint_rows_in_use: "gauge",
    pinchpoint_rows_limit: "gauge",
    pinchpoint_threads_in_use: "gauge",
    pinchpoint_threads_limit: "gauge",
    pinchpoint_dropped_total: "counter",
  },
  get exporter() {
    const plain = (name: string) => name.replace(/_(seconds|bytes|ratio)(_total)?$/, "$2");
    return Object.fromEntries(Object.entries(this.own).map(([name, type]) => [plain(name), type]));
  },
};

test.for(["own", "exporter"] as const)(
  "the page of %s parses, and holds each metric of the catalogue by its name",
  async (kind) => {
    const serving = await serve({ page: PAGES[kind](fullSource()) });
    await fetch(serving.url);
    const response = await fetch(serving.url);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const families = exposition(await response.text());
    expect(Object.fromEntries([...families].map(([name, { type }]) => [name, type]))).toEqual(NAMES[kind]);
    for (const [name, { help, samples: told }] of families) {
      expect(help, name).toMatch(/\w/);
      expect(told.length, name).toBeGreaterThan(0);
      for (const { value } of told) expect(value, name).toBeGreaterThanOrEqual(0);
    }
    expect(families.get("target_info")?.samples[0]?.labels).toEqual({ service_name: "features" });
  },
);

test.for(KINDS)("a stage's series carries its pipeline, its name and the scope, by %s", async (kind) => {
  const serving = await serve({ page: PAGES[kind](fullSource()) });
  expect(await samples(serving, "pinchpoint_stage_arrived_total")).toEqual([
    {
      name: "pinchpoint_stage_arrived_total",
      labels: {
        pinchpoint_pipeline_name: "flights",
        pinchpoint_stage_name: "score",
        otel_scope_name: "pinchpoint",
        otel_scope_version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      },
      value: 3,
    },
  ]);
});

test.for(KINDS)("odd names of stages arrive as they are, by %s", async (kind) => {
  const names = ['say "hi"', "two\nlines", "back\\slash", "\\n", "naïve 東京 🛩", '{a="b"} 1', "", " ", "tab\there"];
  const source = new Source(
    snapshot({
      stages: names.map((name, id) => stage({ id, name })),
      stageRows: names.map((_, id) => stageRow({ stage: id, arrived: id })),
    }),
  );
  const serving = await serve({ page: PAGES[kind](source) });
  const told = await samples(serving, "pinchpoint_stage_arrived_total");
  expect(told.map(({ labels, value }) => [labels.pinchpoint_stage_name, value])).toEqual(
    names.map((name, id) => [name, id]),
  );
});

test.for(KINDS)("an overflow series parses too, by %s", async (kind) => {
  const ids = [0, 1, 2, 3];
  const source = new Source(
    snapshot({
      stages: ids.map((id) => stage({ id, name: `s${id}` })),
      stageRows: ids.map((id) => stageRow({ stage: id, arrived: 1 })),
    }),
    { maxSeries: 2 },
  );
  const told = await samples(await serve({ page: PAGES[kind](source) }), "pinchpoint_stage_arrived_total");
  expect(told.map(({ labels, value }) => [labels.otel_metric_overflow, value])).toEqual([
    [undefined, 1],
    ["true", 3],
  ]);
});

test.for(KINDS)("each scrape tells what is so at that moment, by %s", async (kind) => {
  const source = fullSource();
  const serving = await serve({ page: PAGES[kind](source) });
  expect((await samples(serving, "pinchpoint_stage_arrived_total"))[0]?.value).toBe(3);
  source.snapshot = snapshot({ stageRows: [stageRow({ arrived: 8 })] });
  expect((await samples(serving, "pinchpoint_stage_arrived_total"))[0]?.value).toBe(8);
});

test.for(KINDS)("scrapes at the same time are told the same, by %s", async (kind) => {
  const serving = await serve({ page: PAGES[kind](fullSource()) });
  const pages = await Promise.all([1, 2, 3].map(async () => (await fetch(serving.url)).text()));
  // But for how long it took to tell the others.
  const lines = pages.map((page) => page.split("\n").filter((line) => !line.includes("_collect_duration")));
  expect(lines[0]?.length).toBeGreaterThan(100);
  expect(lines[1]).toEqual(lines[0]);
  expect(lines[2]).toEqual(lines[0]);
});

test.for(KINDS)("a process without stages serves a page that parses, by %s", async (kind) => {
  const source = new Source(snapshot({ stages: [], stageRows: [] }));
  const families = exposition(await (await fetch((await serve({ page: PAGES[kind](source) })).url)).text());
  expect([...families.keys()]).toEqual(["target_info", "pinchpoint_dropped_total"]);
});

test("a port that is taken is told, and who has it keeps it", async () => {
  const { port, server } = await occupiedPort();
  const result = await servePrometheus({ page: PAGES.own(fullSource()), port });
  expect(result).toEqual({ kind: "taken", host: "127.0.0.1", port });
  expect(server.listening).toBe(true);
});

test("an address that this machine does not have is told", async () => {
  // 192.0.2.0/24 is for documentation (RFC 5737).
  const result = await servePrometheus({ page: PAGES.own(fullSource()), host: "192.0.2.1", port: 0 });
  expect(result).toMatchObject({ kind: "refused", host: "192.0.2.1", cause: { code: "EADDRNOTAVAIL" } });
});

test("a port that is none is refused", async () => {
  for (const port of [-1, 65_536, 1.5, Number.NaN]) {
    const serving = servePrometheus({ page: PAGES.own(fullSource()), port });
    await expect(serving).rejects.toThrow(`port must be an integer from 0 to 65535, got ${port}`);
  }
});

test("port 0 gives the port that it has in fact, and stop gives it back, also with a scraper connected", async () => {
  const page = PAGES.own(fullSource());
  const serving = await serve({ page });
  expect(serving.port).toBeGreaterThan(0);
  expect(serving.url).toBe(`http://127.0.0.1:${serving.port}/metrics`);
  // One that has said nothing yet, one in the middle of its request, and one that waits for its next.
  const requests = ["", "GET /metrics HTTP/1.1\r\n", "GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n"];
  const ended = await Promise.all(requests.map((text) => connected(serving.port, text)));
  await serving.stop();
  await serving.stop();
  const again = await serve({ page, port: serving.port });
  expect(again.port).toBe(serving.port);
  await Promise.all(ended.map(({ closed }) => closed));
});

test("only the page is there, and it is only read", async () => {
  const { url } = await serve({ page: PAGES.own(fullSource()) });
  const status = async (path: string, method = "GET") => (await fetch(new URL(path, url), { method })).status;
  expect(await status("/")).toBe(404);
  expect(await status("/metricsx")).toBe(404);
  expect(await status("/metrics", "POST")).toBe(405);
  expect(await status("/metrics?name[]=up")).toBe(200);
  expect(await status("/metrics", "HEAD")).toBe(200);
});

test.for(KINDS)(
  "a collection that fails makes the scrape fail, is told, and the next one works, by %s",
  async (kind) => {
    const source = fullSource();
    const problems: unknown[] = [];
    const serving = await serve({
      page: PAGES[kind](source),
      onProblem: (problem) => {
        problems.push(problem);
        throw new Error("the listener is broken too");
      },
    });
    const good = source.snapshot;
    source.snapshot = null as never;
    const response = await fetch(serving.url);
    expect(response.status).toBe(500);
    expect(await response.text()).toBe("The metrics could not be collected.\n");
    expect(problems).toEqual([expect.any(TypeError)]);
    source.snapshot = good;
    expect((await fetch(serving.url)).status).toBe(200);
  },
);

/** An answer as it is on the wire: fetch() unpacks. */
function asked(url: string, headers: Readonly<Record<string, string>>, method = "GET") {
  return new Promise<{ readonly headers: IncomingHttpHeaders; readonly body: Buffer }>((resolve, reject) => {
    request(url, { headers, method }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(parts) }));
    })
      .on("error", reject)
      .end();
  });
}

test("a scraper gets the format and the encoding that it likes best", async () => {
  const { url } = await serve({ page: PAGES.own(fullSource()) });
  const open = await asked(url, { accept: "application/openmetrics-text;version=1.0.0,text/plain;q=0.5" });
  expect(open.headers).toMatchObject({
    "content-type": "application/openmetrics-text; version=1.0.0; charset=utf-8",
    "content-length": String(open.body.length),
    vary: "accept, accept-encoding",
  });
  expect(openMetrics(open.body.toString()).get("pinchpoint_stage_arrived")?.samples[0]?.value).toBe(3);
  const packed = await asked(url, { "accept-encoding": "gzip" });
  expect(packed.headers).toMatchObject({ "content-encoding": "gzip", "content-length": String(packed.body.length) });
  expect(exposition(gunzipSync(packed.body).toString()).size).toBeGreaterThan(20);
  const plain = await asked(url, { "accept-encoding": "identity" });
  expect(plain.headers["content-encoding"]).toBe(undefined);
  expect(plain.body.length).toBeGreaterThan(packed.body.length * 3);
});

test("HEAD tells what GET would, and nothing else", async () => {
  const source = fullSource();
  const { url } = await serve({ page: PAGES.own(source) });
  await asked(url, {});
  const { headers, body } = await asked(url, { accept: "application/openmetrics-text" }, "HEAD");
  expect(headers["content-type"]).toMatch(/^application\/openmetrics-text/);
  expect(Number(headers["content-length"])).toBeGreaterThan(1000);
  expect(body.length).toBe(0);
  source.snapshot = null as never;
  expect((await fetch(url, { method: "HEAD" })).status).toBe(500);
});

test("more scrapes at once than anyone needs are refused, until one has ended", async () => {
  const waiting: ((page: Buffer) => void)[] = [];
  const page: Page = {
    formats: ["prometheus"],
    render: () => new Promise((resolve) => waiting.push(resolve)),
  };
  const { url } = await serve({ page });
  const first = Array.from({ length: 8 }, () => fetch(url));
  await vi.waitUntil(() => waiting.length === 8);
  expect((await fetch(url)).status).toBe(503);
  expect((await fetch(new URL("/", url))).status).toBe(404);
  for (const answer of waiting) answer(Buffer.from("# nothing\n"));
  expect((await Promise.all(first)).map(({ status }) => status)).toEqual(first.map(() => 200));
  const next = fetch(url);
  await vi.waitUntil(() => waiting.length === 9);
  waiting[8]?.(Buffer.from("# nothing\n"));
  expect((await next).status).toBe(200);
});

test("a producer that rejects makes the scrape fail, not the process", async () => {
  const problems: unknown[] = [];
  const producer = { collect: () => Promise.reject(new Error("gone")) };
  const serving = await serve({ page: new ExporterPage(producer), onProblem: (problem) => problems.push(problem) });
  expect((await fetch(serving.url)).status).toBe(500);
  expect(problems).toEqual([new Error("gone")]);
});

test("neither OpenTelemetry's logger nor its global meter provider is touched", async () => {
  const said: unknown[] = [];
  const say = (...words: unknown[]) => void said.push(words);
  const logger: DiagLogger = { error: say, warn: say, info: say, debug: say, verbose: say };
  const before = metrics.getMeterProvider();
  diag.setLogger(logger);
  said.length = 0;
  const serving = await serve({ page: PAGES.own(fullSource()) });
  await fetch(serving.url);
  await serving.stop();
  diag.disable();
  expect(said).toEqual([]);
  expect(metrics.getMeterProvider()).toBe(before);
});
