import { execFileSync } from "node:child_process";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { fileURLToPath } from "node:url";
import { type DiagLogger, diag, metrics } from "@opentelemetry/api";
import { afterEach, expect, test } from "vitest";
import { type PrometheusOptions, type Serving, servePrometheus } from "../src/prometheus.ts";
import { Source } from "./collections.ts";
import { exposition, type Sample } from "./exposition.ts";
import { durations, resource, resourceRow, snapshot, stage, stageRow, threadReading } from "./snapshots.ts";

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
  source.threads = [threadReading({ cpuSeconds: 2, runQueueSeconds: 1, loopActiveSeconds: 1, loopIdleSeconds: 3 })];
  source.loopDelay = { meanSeconds: 0.001, p50Seconds: 0.0005, p99Seconds: 0.02, maxSeconds: 0.03 };
  return source;
}

test("the page parses, and holds the catalogue's names with dots as underscores and counters ending in _total", async () => {
  const serving = await serve({ producer: fullSource().producer });
  const response = await fetch(serving.url);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const families = exposition(await response.text());
  expect(Object.fromEntries([...families].map(([name, { type }]) => [name, type]))).toEqual({
    target_info: "gauge",
    pinchpoint_stage_items_total: "counter",
    pinchpoint_stage_arrived_total: "counter",
    pinchpoint_stage_emitted_total: "counter",
    pinchpoint_stage_untimed_total: "counter",
    pinchpoint_stage_state_time_total: "counter",
    pinchpoint_stage_loop_time_total: "counter",
    pinchpoint_stage_duration: "histogram",
    pinchpoint_stage_workers: "gauge",
    pinchpoint_stage_in_flight: "gauge",
    pinchpoint_resource_wait_duration: "histogram",
    pinchpoint_resource_use_duration: "histogram",
    pinchpoint_resource_capacity: "gauge",
    pinchpoint_resource_in_use: "gauge",
    pinchpoint_thread_cpu_time_total: "counter",
    pinchpoint_thread_runqueue_time_total: "counter",
    nodejs_eventloop_utilization: "gauge",
    nodejs_eventloop_delay_mean: "gauge",
    nodejs_eventloop_delay_p50: "gauge",
    nodejs_eventloop_delay_p99: "gauge",
    nodejs_eventloop_delay_max: "gauge",
    nodejs_eventloop_time_total: "counter",
    pinchpoint_dropped_total: "counter",
  });
  for (const [name, { help, samples: told }] of families) {
    expect(help, name).toMatch(/\w/);
    expect(told.length, name).toBeGreaterThan(0);
    for (const { value } of told) expect(value, name).toBeGreaterThanOrEqual(0);
  }
  expect(families.get("target_info")?.samples[0]?.labels).toEqual({ service_name: "features" });
});

test("a stage's series carries its pipeline, its name and the scope", async () => {
  const serving = await serve({ producer: fullSource().producer });
  expect(await samples(serving, "pinchpoint_stage_arrived_total")).toEqual([
    {
      name: "pinchpoint_stage_arrived_total",
      labels: {
        pinchpoint_pipeline_name: "flights",
        pinchpoint_stage_name: "score",
        otel_scope_name: "pinchpoint",
      },
      value: 3,
    },
  ]);
});

test("odd names of stages arrive as they are", async () => {
  const names = ['say "hi"', "two\nlines", "back\\slash", "\\n", "naïve 東京 🛩", '{a="b"} 1', "", " ", "tab\there"];
  const source = new Source(
    snapshot({
      stages: names.map((name, id) => stage({ id, name })),
      stageRows: names.map((_, id) => stageRow({ stage: id, arrived: id })),
    }),
  );
  const serving = await serve({ producer: source.producer });
  const told = await samples(serving, "pinchpoint_stage_arrived_total");
  expect(told.map(({ labels, value }) => [labels.pinchpoint_stage_name, value])).toEqual(
    names.map((name, id) => [name, id]),
  );
});

test("an overflow series parses too", async () => {
  const ids = [0, 1, 2, 3];
  const source = new Source(
    snapshot({
      stages: ids.map((id) => stage({ id, name: `s${id}` })),
      stageRows: ids.map((id) => stageRow({ stage: id, arrived: 1 })),
    }),
    { maxSeries: 2 },
  );
  const told = await samples(await serve({ producer: source.producer }), "pinchpoint_stage_arrived_total");
  expect(told.map(({ labels, value }) => [labels.otel_metric_overflow, value])).toEqual([
    [undefined, 1],
    ["true", 3],
  ]);
});

test("each scrape tells what is so at that moment", async () => {
  const source = fullSource();
  const serving = await serve({ producer: source.producer });
  expect((await samples(serving, "pinchpoint_stage_arrived_total"))[0]?.value).toBe(3);
  source.snapshot = snapshot({ stageRows: [stageRow({ arrived: 8 })] });
  expect((await samples(serving, "pinchpoint_stage_arrived_total"))[0]?.value).toBe(8);
});

test("scrapes at the same time are told the same", async () => {
  const serving = await serve({ producer: fullSource().producer });
  const pages = await Promise.all([1, 2, 3].map(async () => (await fetch(serving.url)).text()));
  expect(new Set(pages).size).toBe(1);
});

test("a process without stages serves a page that parses", async () => {
  const source = new Source(snapshot({ stages: [], stageRows: [] }));
  const families = exposition(await (await fetch((await serve({ producer: source.producer })).url)).text());
  expect([...families.keys()]).toEqual(["target_info", "pinchpoint_dropped_total"]);
});

test("a port that is taken is told, and who has it keeps it", async () => {
  const { port, server } = await occupiedPort();
  const result = await servePrometheus({ producer: fullSource().producer, port });
  expect(result).toEqual({ kind: "taken", host: "127.0.0.1", port });
  expect(server.listening).toBe(true);
});

test("an address that this machine does not have is told", async () => {
  // 192.0.2.0/24 is for documentation (RFC 5737).
  const result = await servePrometheus({ producer: fullSource().producer, host: "192.0.2.1", port: 0 });
  expect(result).toMatchObject({ kind: "refused", host: "192.0.2.1", cause: { code: "EADDRNOTAVAIL" } });
});

test("a port that is none is refused", async () => {
  for (const port of [-1, 65_536, 1.5, Number.NaN]) {
    const serving = servePrometheus({ producer: fullSource().producer, port });
    await expect(serving).rejects.toThrow(`port must be an integer from 0 to 65535, got ${port}`);
  }
});

test("port 0 gives the port that it has in fact, and stop gives it back, also with a scraper connected", async () => {
  const { producer } = fullSource();
  const serving = await serve({ producer });
  expect(serving.port).toBeGreaterThan(0);
  expect(serving.url).toBe(`http://127.0.0.1:${serving.port}/metrics`);
  // One that has said nothing yet, one in the middle of its request, and one that waits for its next.
  const requests = ["", "GET /metrics HTTP/1.1\r\n", "GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n"];
  const ended = await Promise.all(requests.map((text) => connected(serving.port, text)));
  await serving.stop();
  await serving.stop();
  const again = await serve({ producer, port: serving.port });
  expect(again.port).toBe(serving.port);
  await Promise.all(ended.map(({ closed }) => closed));
});

test("only the page is there, and it is only read", async () => {
  const { url } = await serve({ producer: fullSource().producer });
  const status = async (path: string, method = "GET") => (await fetch(new URL(path, url), { method })).status;
  expect(await status("/")).toBe(404);
  expect(await status("/metricsx")).toBe(404);
  expect(await status("/metrics", "POST")).toBe(405);
  expect(await status("/metrics?name[]=up")).toBe(200);
  expect(await status("/metrics", "HEAD")).toBe(200);
});

test("a collection that fails makes the scrape fail, is told, and the next one works", async () => {
  const source = fullSource();
  const problems: unknown[] = [];
  const serving = await serve({
    producer: source.producer,
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
});

test("a producer that rejects makes the scrape fail, not the process", async () => {
  const problems: unknown[] = [];
  const producer = { collect: () => Promise.reject(new Error("gone")) };
  const serving = await serve({ producer, onProblem: (problem) => problems.push(problem) });
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
  const serving = await serve({ producer: fullSource().producer });
  await fetch(serving.url);
  await serving.stop();
  diag.disable();
  expect(said).toEqual([]);
  expect(metrics.getMeterProvider()).toBe(before);
});

/** Runs a program that has `serving` and `url`, and returns what it prints before it ends by itself. */
function run(program: string): string {
  const text = `
    import Module from "node:module";
    import { SnapshotProducer, servePrometheus } from ${JSON.stringify(new URL("../src/index.ts", import.meta.url).href)};
    const snapshot = { atMs: 1, threads: [], stages: [], edges: [], resources: [], stageRows: [], resourceRows: [], losses: {} };
    const producer = new SnapshotProducer({ read: () => ({ snapshot, threads: [] }) });
    const serving = await servePrometheus({ producer, port: 0 });
    const loaded = () => Object.keys(Module._cache).some((path) => path.includes("exporter-prometheus"));
    ${program}`;
  const { NODE_OPTIONS: _, ...env } = process.env;
  const options = { encoding: "utf8", env, timeout: 20_000 } as const;
  return execFileSync(process.execPath, ["--input-type=module-typescript", "-e", text], options);
}

test("a server that nobody reads from has not loaded the exporter, and does not keep the process alive", () => {
  expect(run("console.log(serving.kind, loaded());")).toBe("serving false\n");
});

test("a scraper's open connection does not keep the process alive", () => {
  const program = `
    import { connect } from "node:net";
    const socket = connect(serving.port, "127.0.0.1");
    socket.write("GET /metrics HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n");
    await new Promise((resolve) => socket.once("data", resolve));
    socket.unref();
    // What is listed keeps the event loop alive.
    console.log(loaded(), process.getActiveResourcesInfo().filter((name) => name.startsWith("TCP")).length);`;
  expect(run(program)).toBe("true 0\n");
});

test("two workers of a cluster do not share the port, where a scrape would reach now one and now the other", () => {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const options = { encoding: "utf8", env, timeout: 20_000 } as const;
  const program = fileURLToPath(new URL("cluster-workers.ts", import.meta.url));
  expect(execFileSync(process.execPath, [program], options)).toBe("serving, taken");
});
