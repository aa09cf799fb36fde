import diagnostics from "node:diagnostics_channel";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { type Attachment, type Clock, openPipeline, Recorder } from "@pinchpoint/probe";
import * as undici from "undici";
import { afterEach, expect, test } from "vitest";
import { instrumentHttp } from "../src/http.ts";
import { nodeGet } from "./clients.ts";
import { openModelServer } from "./model-server.ts";
import { observe } from "./observation.ts";

const CHANNELS = [
  "undici:request:create",
  "undici:client:sendHeaders",
  "undici:client:connected",
  "undici:request:trailers",
  "undici:request:error",
  "http.client.request.created",
  "http.client.response.finish",
  "http.client.request.error",
];

const attachments: Attachment[] = [];
afterEach(() => {
  for (const attachment of attachments.splice(0).reverse()) attachment.detach();
});

function kept(attachment: Attachment): Attachment {
  attachments.push(attachment);
  return attachment;
}

/** What an application can see of the things that are changed. */
function sight(): unknown {
  const dispatchers = Object.getPrototypeOf(Object.getPrototypeOf(undici.Pool.prototype));
  return [http.ClientRequest.prototype, dispatchers].map((prototype) =>
    Object.entries(Object.getOwnPropertyDescriptors(prototype)).map(([key, { value, ...flags }]) => [
      key,
      value?.name,
      value?.length,
      flags.enumerable,
      flags.configurable,
    ]),
  );
}

const subscribed = (): readonly string[] => CHANNELS.filter((name) => diagnostics.hasSubscribers(name));
const methods = (): readonly unknown[] => [
  http.ClientRequest.prototype.onSocket,
  Object.getPrototypeOf(Object.getPrototypeOf(undici.Pool.prototype)).dispatch,
  Object.getPrototypeOf(Object.getPrototypeOf(undici.Pool.prototype)).destroy,
];

test("what is changed looks the same, and detaching puts it back", () => {
  const bare = { sight: sight(), methods: methods() };
  expect(subscribed()).toEqual([]);
  const { attachment } = observe({ undici: [undici] });
  kept(attachment);
  expect(subscribed()).toEqual(CHANNELS);
  expect(methods()[0]).toBe(bare.methods[0]);
  // With the first request.
  http
    .request("http://127.0.0.1:1")
    .on("error", () => {})
    .destroy();
  expect(sight()).toEqual(bare.sight);
  for (const [i, method] of methods().entries()) expect(method).not.toBe(bare.methods[i]);
  attachment.detach();
  attachment.detach();
  expect(subscribed()).toEqual([]);
  expect(methods()).toEqual(bare.methods);
});

test("attaching twice is attaching once", async () => {
  const server = await openModelServer();
  const { recorder, attachment, stage, calls } = observe();
  kept(attachment);
  expect(instrumentHttp(recorder)).toBe(attachment);
  const call = stage("score").run(() => nodeGet(server.url));
  (await server.arrival()).response.end();
  await call;
  expect(Object.values(calls()).map(({ uses }) => uses)).toEqual([1]);
  await server.close();
});

test("two recorders each record their own stages' calls, and leave the other's alone", async () => {
  const server = await openModelServer();
  const both = [observe({ undici: [undici] }), observe({ undici: [undici] })];
  for (const { attachment } of both) kept(attachment);
  const pool = new undici.Pool(server.url, { connections: 1 });
  for (const [i, { stage }] of both.entries()) {
    const call = stage(`score ${i}`).run(async () => (await pool.request({ path: "/", method: "GET" })).body.dump());
    (await server.arrival()).response.end();
    await call;
  }
  expect(both.map(({ calls }) => Object.keys(calls()))).toEqual(both.map((_, i) => [`score ${i} -> ${server.host}`]));
  await pool.destroy();
  await server.close();
});

test("an application without a listener for errors still dies of them", async () => {
  const server = await openModelServer();
  const { attachment, stage } = observe();
  kept(attachment);
  const request = stage("score").run(() => http.get(server.url, { agent: false }));
  expect(request.eventNames()).toEqual(["close"]);
  expect(request.listenerCount("error")).toBe(0);
  request.on("error", () => {});
  const closed = new Promise((resolve) => request.once("close", resolve));
  (await server.arrival()).response.destroy();
  await closed;
  await server.close();
});

const fails = (): never => {
  throw new Error("no recorder");
};

test.for<readonly [string, Partial<Recorder> | Clock]>([
  ["its calls fail", { beginCall: fails, lose: fails }],
  ["its calls fail later", { beginCall: () => ({ uses: fails, end: fails }) as never, lose: fails }],
  ["its clock fails", { nowMs: fails, idleMs: fails } satisfies Clock],
])("a recorder is invisible when %s", async ([, broken]) => {
  const uncaught: unknown[] = [];
  const onUncaught = (error: unknown) => uncaught.push(error);
  process.on("uncaughtException", onUncaught);
  const server = await openModelServer();
  const clock: Clock = "idleMs" in broken ? (broken as Clock) : { nowMs: () => 0, idleMs: () => 0 };
  const recorder = Recorder.forProcess(clock, { name: "main", osThreadId: null, workerId: 0 });
  kept(instrumentHttp(recorder, { undici: [undici] }));
  const stage = openPipeline(recorder, "test").stage("score");
  if ("beginCall" in broken) Object.assign(recorder, broken);
  const pool = new undici.Pool(server.url, { connections: 1 });
  const clients = [
    () => fetch(server.url).then((response) => response.text()),
    () => pool.request({ path: "/", method: "GET" }).then(({ body }) => body.text()),
    () => pool.request({ path: "/", method: "GET" }).then(({ body }) => body.text()),
    () => nodeGet(server.url).then(({ body }) => body),
  ];
  const answers = clients.map((call) => stage.run(call));
  for (const _ of clients) (await server.arrival()).response.end("answer");
  expect(await Promise.all(answers)).toEqual(clients.map(() => "answer"));
  await new Promise((resolve) => setImmediate(resolve));
  process.off("uncaughtException", onUncaught);
  expect(uncaught).toEqual([]);
  await pool.destroy();
  await server.close();
});

test("names hold neither path, nor query, nor user, nor header", async () => {
  const server = http.createServer((_, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const { attachment, recorder, stage } = observe({ routes: [{ path: "/v1/:id" }] });
  kept(attachment);
  await stage("score").run(async () => {
    const headers = { authorization: "secret", "x-secret": "secret" };
    await fetch(`http://127.0.0.1:${port}/secret?secret=1`, { headers });
    await fetch(`http://127.0.0.1:${port}/v1/secret?secret=1`, { headers });
    await nodeGet(`http://secret:secret@127.0.0.1:${port}/secret`, { headers, agent: false });
    await nodeGet(`http://127.0.0.1:${port}/v1/secret?secret`, { headers: { host: "secret" }, agent: false });
    await undici.request(`http://127.0.0.1:${port}/secret`, { headers }).then(({ body }) => body.dump());
  });
  expect(recorder.snapshot().resources.map(({ name }) => name)).toEqual([
    `127.0.0.1:${port}`,
    `127.0.0.1:${port} /v1/:id`,
    "127.0.0.1 /v1/:id",
  ]);
  expect(JSON.stringify(recorder.snapshot())).not.toContain("secret");
  server.closeAllConnections();
  server.close();
});
