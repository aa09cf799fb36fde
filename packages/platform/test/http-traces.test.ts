import http from "node:http";
import type { SpanRecord } from "@pinchpoint/probe";
import * as undici from "undici";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CLIENTS, nodeGet, UNLIMITED_CLIENTS } from "./clients.ts";
import { family, keepSpans } from "./kept-spans.ts";
import { type ModelServer, openModelServer } from "./model-server.ts";
import { type Observation, observe } from "./observation.ts";

let model: ModelServer;
let observed: Observation;
let records: readonly SpanRecord[];
beforeEach(async () => {
  model = await openModelServer();
});
afterEach(async () => {
  observed.attachment.detach();
  await model.close();
});

function observeTraced(options?: Parameters<typeof observe>[0]): void {
  observed = observe(options);
  records = keepSpans(observed.recorder);
}

const parentOf = (record: SpanRecord | undefined) => `00-${record?.traceId}-${record?.spanId}-01`;
const calls = () => records.filter(({ kind }) => kind === "client");

const SECRET = "v1/secret?key=secret";

test.each([...CLIENTS, ...UNLIMITED_CLIENTS])(
  "a call by $name tells its trace, and is told as method, status and address, without path and query",
  async ({ open, options }) => {
    observeTraced(options);
    const client = open(model.url);
    const answer = observed.stage("score").run(() => client.get(`${model.url}/${SECRET}`));
    const { headers, response } = await model.arrival();
    observed.clock.pass(30);
    response.end("0.7");
    expect(await answer).toEqual({ status: 200, body: "0.7" });
    await client.close();
    expect(family(records)).toEqual(["GET < score", "score"]);
    const [call] = calls();
    expect(headers.traceparent).toBe(parentOf(call));
    expect(call).toMatchObject({ name: "GET", startMs: 0, endMs: 30, outcome: "ok" });
    expect(call?.attributes).toEqual({
      "http.request.method": "GET",
      "http.response.status_code": 200,
      "url.scheme": "http",
      "server.address": "127.0.0.1",
      "server.port": Number(new URL(model.url).port),
    });
    expect(JSON.stringify(records)).not.toContain("secret");
  },
);

test.each(CLIENTS)(
  "a call that queues for $name's one connection belongs to whoever asked",
  async ({ open, options }) => {
    observeTraced(options);
    const client = open(model.url);
    // The pool is known from its first request on.
    const first = observed.stage("warm").run(() => client.get(model.url));
    (await model.arrival()).response.end();
    await first;
    const answers = ["a", "b"].map((name) => observed.stage(name).run(() => client.get(`${model.url}/${name}`)));
    const told: unknown[] = [];
    for (const _ of answers) {
      const { headers, response } = await model.arrival();
      told.push(headers.traceparent);
      response.end();
    }
    await Promise.all(answers);
    await client.close();
    expect(family(records)).toEqual(["GET < a", "GET < b", "GET < warm", "a", "b", "warm"]);
    expect(told).toEqual(calls().slice(1).map(parentOf));
  },
);

/** Ways to call with headers of one's own. */
const ways: [string, (url: string, headers: Record<string, string>) => Promise<unknown>][] = [
  ["Node's fetch", (url, headers) => fetch(url, { headers }).then((response) => response.text())],
  ["an installed undici", (url, headers) => undici.request(url, { headers }).then(({ body }) => body.text())],
  ["node:http", (url, headers) => nodeGet(url, { headers, agent: false })],
];

const told: Record<string, string> = {
  traceparent: `00-${"1".repeat(32)}-${"2".repeat(16)}-01`,
  b3: "0",
  "X-B3-TraceId": "1".repeat(16),
  "x-datadog-trace-id": "1",
  "sentry-trace": "1",
};

for (const [way, call] of ways) {
  test.each(Object.entries(told))(
    `where %s is told by somebody else, a call by ${way} has no span of ours`,
    async (name, value) => {
      observeTraced();
      const answer = observed.stage("score").run(() => call(model.url, { [name]: value, "x-other": "1" }));
      const { headers, response } = await model.arrival();
      response.end();
      await answer;
      const heard = Object.keys(headers).filter((header) => /trace|b3|baggage/.test(header));
      expect(heard).toEqual([name.toLowerCase()]);
      expect(headers[name.toLowerCase()]).toBe(value);
      expect(family(records)).toEqual(["score"]);
    },
  );

  test(`a call by ${way} in no trace tells nothing, and its own headers go as they are`, async () => {
    observeTraced();
    const unsampled = `00-${"1".repeat(32)}-${"2".repeat(16)}-00`;
    const asked = [
      () => call(model.url, { "x-other": "1" }),
      () => observed.stage("score").run(() => call(model.url, { "x-other": "1" }), { parent: unsampled }),
      () => {
        observed.recorder.keepSpans(null);
        return observed.stage("score").run(() => call(model.url, { "x-other": "1" }));
      },
    ];
    for (const ask of asked) {
      const answer = ask();
      const { headers, response } = await model.arrival();
      response.end();
      await answer;
      expect(headers).toMatchObject({ "x-other": "1" });
      expect(headers).not.toHaveProperty("traceparent");
    }
    expect(records).toEqual([]);
  });

  test(`a call by ${way} that is refused, or finds nobody, has failed`, async () => {
    observeTraced();
    const answer = observed.stage("score").run(() => call(model.url, {}));
    (await model.arrival()).response.writeHead(503).end();
    await answer;
    await model.close();
    observed.clock.pass(10);
    await expect(observed.stage("score").run(() => call(model.url, {}))).rejects.toThrow();
    expect(calls().map(({ outcome, attributes }) => [outcome, attributes["http.response.status_code"]])).toEqual([
      ["failed", 503],
      ["failed", undefined],
    ]);
    model = await openModelServer();
  });
}

test("headers that node:http is given as a list are written at once, and are left as they are", async () => {
  observeTraced();
  const list = ["Host", "features.example", "X-Other", "1", "x-other", "2"];
  const answer = observed.stage("score").run(
    () =>
      new Promise<void>((resolve, reject) => {
        const options = { headers: list as unknown as http.OutgoingHttpHeaders, agent: false } as const;
        http.get(model.url, options, (response) => response.resume().once("end", resolve)).on("error", reject);
      }),
  );
  const { headers, response } = await model.arrival();
  response.end();
  await answer;
  expect(headers).toMatchObject({ host: "features.example", "x-other": "1, 2" });
  expect(headers).not.toHaveProperty("traceparent");
  expect(family(records)).toEqual(["score"]);
  expect(Object.values(observed.calls())).toMatchObject([{ uses: 1, open: 0 }]);
  expect(observed.recorder.snapshot().losses).toEqual({});
});

test("where spans are kept, a stage's times are the same as where they are not", async () => {
  const times = async (isTraced: boolean) => {
    observeTraced();
    if (!isTraced) observed.recorder.keepSpans(null);
    const answer = observed.stage("score").run(() => fetch(model.url).then((response) => response.text()));
    const { response } = await model.arrival();
    observed.clock.pass(30);
    response.end();
    await answer;
    const told = [observed.calls(), observed.states("score")];
    observed.attachment.detach();
    return told;
  };
  expect(await times(true)).toEqual(await times(false));
});
