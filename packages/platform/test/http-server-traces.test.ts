import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Attachment, SpanRecord } from "@pinchpoint/probe";
import { afterEach, beforeEach, expect, test } from "vitest";
import { instrumentHttpServers } from "../src/http-server.ts";
import { nodeGet } from "./clients.ts";
import { family, keepSpans } from "./kept-spans.ts";
import { type ModelServer, openModelServer } from "./model-server.ts";
import { type Observation, observe } from "./observation.ts";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const SPAN_ID = "b7ad6b7169203331";

let model: ModelServer;
let observed: Observation;
let attachment: Attachment;
let records: readonly SpanRecord[];
const servers: http.Server[] = [];

beforeEach(async () => {
  model = await openModelServer();
  observed = observe();
  attachment = instrumentHttpServers(observed.recorder, { pipeline: "app" });
  records = keepSpans(observed.recorder);
});
afterEach(async () => {
  attachment.detach();
  observed.attachment.detach();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await model.close();
});

async function listen(server: http.Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serve = (handler: http.RequestListener) => listen(http.createServer(handler));
const answers: http.RequestListener = (_request, response) => void response.end("ok");

/** Answers that servers have closed. */
function closed(): number {
  const { stages, stageRows } = observed.recorder.snapshot();
  const rows = stageRows.filter((row) => stages.some(({ id, role }) => id === row.stage && role === "source"));
  return rows.reduce((sum, { units }) => sum + units, 0);
}

/** Asks outside of all traces, until the server has closed its answer too. */
async function ask(url: string, options: http.RequestOptions = {}): Promise<void> {
  const before = closed();
  await nodeGet(url, { ...options, agent: false });
  for (let turn = 0; turn < 1000; turn++) {
    if (closed() > before) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error("the answer is not closed");
}

test.each([
  ["a caller's trace goes on", { traceparent: `00-${TRACE_ID}-${SPAN_ID}-01` }, SPAN_ID],
  ["a caller that tells nothing begins one", {}, null],
  ["a caller that tells no context begins one", { traceparent: "00-broken" }, null],
])("%s: a request is told without path and query", async (_, headers, parentSpanId) => {
  const url = await serve((_request, response) => {
    observed.clock.pass(5);
    response.writeHead(201).end();
  });
  await ask(`${url}/v1/secret?key=secret`, { headers });
  expect(records).toEqual([
    {
      name: "GET",
      kind: "server",
      startMs: 0,
      endMs: 5,
      outcome: "ok",
      attributes: {
        "pinchpoint.pipeline.name": "app",
        "pinchpoint.stage.name": "http-server",
        "server.port": Number(new URL(url).port),
        "http.request.method": "GET",
        "http.response.status_code": 201,
        "url.scheme": "http",
        "network.protocol.version": "1.1",
      },
      traceId: parentSpanId === null ? expect.stringMatching(/^[0-9a-f]{32}$/) : TRACE_ID,
      spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
      parentSpanId,
      state: "",
      serviceMs: 5,
    },
  ]);
});

test("a request that fails is told after the fact where it began no trace, as a request is", async () => {
  const url = await serve((_request, response) => {
    observed.clock.pass(5);
    response.writeHead(503).end();
  });
  for (let count = 0; count < 30; count++) await ask(url);
  const late = records.filter(({ attributes }) => attributes["pinchpoint.exemplar"] !== undefined);
  expect(late.length).toBe(3);
  for (const record of late) {
    expect(record).toMatchObject({
      name: "GET",
      kind: "server",
      outcome: "failed",
      parentSpanId: null,
      attributes: { "http.request.method": "GET", "http.response.status_code": 503, "pinchpoint.exemplar": "failed" },
    });
  }
});

test("what a handler hands over and calls is of the request, and goes on to whom it calls", async () => {
  const url = await serve(async (_request, response) => {
    await observed.stage("score").run(() => fetch(model.url).then((answer) => answer.text()));
    response.end();
  });
  const asked = ask(url);
  const { headers, response } = await model.arrival();
  response.end();
  await asked;
  expect(family(records)).toEqual(["GET", "GET < score", "score < GET"]);
  const call = records.find(({ kind }) => kind === "client");
  expect(headers.traceparent).toBe(`00-${call?.traceId}-${call?.spanId}-01`);
});

test("of a trace that the caller does not keep nothing is kept, nor told to whom the handler calls", async () => {
  const url = await serve(async (_request, response) => {
    await fetch(model.url).then((answer) => answer.text());
    response.end();
  });
  const asked = ask(url, { headers: { traceparent: `00-${TRACE_ID}-${SPAN_ID}-00` } });
  const { headers, response } = await model.arrival();
  response.end();
  await asked;
  expect(headers).not.toHaveProperty("traceparent");
  expect(records).toEqual([]);
});

test("an answer of 500, and one that is broken off, have failed", async () => {
  const url = await serve((request, response) => {
    if (request.method === "GET") response.writeHead(500).end();
    else response.destroy();
  });
  await ask(url);
  observed.clock.pass(10);
  await expect(ask(url, { method: "POST" })).rejects.toThrow();
  while (records.length < 2) await new Promise((resolve) => setImmediate(resolve));
  expect(records.map(({ name, outcome }) => [name, outcome])).toEqual([
    ["GET", "failed"],
    ["POST", "failed"],
  ]);
});

test("a server begins its traces at its own rate, whatever the methods; another server has its own", async () => {
  const [one, other] = [await serve(answers), await serve(answers)];
  await ask(one);
  await ask(one, { method: "POST" });
  await ask(other);
  observed.clock.pass(10);
  await ask(one, { method: "PUT" });
  expect(records.map(({ name, attributes }) => [name, attributes["pinchpoint.stage.name"]])).toEqual([
    ["GET", "http-server"],
    ["GET", "http-server#2"],
    ["PUT", "http-server"],
  ]);
});

test.for([
  ["of a request", true, []],
  ["of whoever began to listen", false, ["GET"]],
] as const)("where a span %s is active around a request, ours are %j", async ([_, isOfServer, ours]) => {
  const begun: string[] = [];
  const context = (isActive: boolean) => ({
    traceId: "1".repeat(32),
    spanId: "2".repeat(16),
    isSampled: true,
    state: "",
    isOfServer: isActive && isOfServer,
  });
  observed.recorder.keepSpans({
    active: () => context(true),
    begin: ({ name, kind }) => {
      if (kind === "server") begun.push(name);
      return { context: context(false), headers: () => [], set: () => {}, end: () => {}, within: (run) => run() };
    },
    inside: (_, run) => run(),
    outside: (run) => run(),
    contextOf: () => null,
  });
  await ask(await serve(answers));
  expect(begun).toEqual(ours);
});

test("where another instrumentation has replaced `emit` before us, the span is its own, and the hand-over is ours", async () => {
  class Api extends http.Server {}
  const theirs = function emit(this: http.Server, ...args: unknown[]) {
    return Reflect.apply(http.Server.prototype.emit, this, args);
  };
  Object.defineProperty(Api.prototype, "emit", {
    configurable: true,
    value: Object.assign(theirs, { __wrapped: true }),
  });
  const url = await listen(new Api(answers));
  await ask(url);
  expect(records).toEqual([]);
  expect(observed.recorder.snapshot().stages.map(({ name }) => name)).toEqual(["http-server"]);
});

test("where nobody keeps spans there are none", async () => {
  observed.recorder.keepSpans(null);
  await ask(await serve(answers), { headers: { traceparent: `00-${TRACE_ID}-${SPAN_ID}-01` } });
  expect(records).toEqual([]);
});
