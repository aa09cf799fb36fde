import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { type Attachment, markUnrecorded, PinchpointError } from "@pinchpoint/probe";
import { afterEach, beforeEach, expect, test } from "vitest";
import { instrumentHttpServers } from "../src/http-server.ts";
import { type ModelServer, openModelServer } from "./model-server.ts";
import { type Observation, observe } from "./observation.ts";

let model: ModelServer;
let observed: Observation;
let attachment: Attachment;
const servers: http.Server[] = [];

beforeEach(async () => {
  model = await openModelServer();
  observed = observe();
  attachment = instrumentHttpServers(observed.recorder, { pipeline: "app" });
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

async function ask(url: string): Promise<{ status: number; body: string }> {
  const response = await fetch(url);
  return { status: response.status, body: await response.text() };
}

function counts(server = "http-server") {
  const { stages, stageRows } = observed.recorder.snapshot();
  const { id, role } = stages.find(({ name }) => name === server) ?? { id: -1, role: null };
  const row = stageRows.find(({ stage }) => stage === id);
  return { role, arrived: row?.arrived ?? 0, items: row?.items ?? 0, errors: row?.errors ?? 0 };
}

/** Until the server has closed its answers too. */
async function settled(handOvers: number, server?: string): Promise<void> {
  for (let turn = 0; turn < 1000; turn++) {
    const { items, errors } = counts(server);
    if (items + errors === handOvers) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`there are not ${handOvers} hand-overs: ${JSON.stringify(counts())}`);
}

test("a request is a hand-over, until its answer is closed, and what its handler asks a server for is its use", async () => {
  const { clock } = observed;
  const url = await serve(async (_request, response) => {
    clock.pass(2);
    const score = await ask(`${model.url}/score`);
    clock.pass(3);
    response.end(score.body);
  });
  const answer = ask(url);
  const { response } = await model.arrival();
  clock.pass(10);
  response.end("0.7");
  expect(await answer).toEqual({ status: 200, body: "0.7" });
  await settled(1);
  expect(counts()).toEqual({ role: "source", arrived: 1, items: 1, errors: 0 });
  expect(observed.states("http-server")).toEqual({ self: 5, use: 10 });
  expect(observed.calls()).toMatchObject({ [`http-server -> ${model.host}`]: { uses: 1, open: 0 } });
});

test("requests that are answered side by side are workers of one stage", async () => {
  const url = await serve(async (_request, response) => {
    response.end((await ask(model.url)).body);
  });
  const answers = [ask(url), ask(url)];
  const arrivals = [await model.arrival(), await model.arrival()];
  observed.clock.pass(10);
  expect(observed.states("http-server")).toEqual({ use: 20 });
  for (const { response } of arrivals) response.end("1");
  await Promise.all(answers);
  await settled(2);
  expect(counts()).toMatchObject({ arrived: 2, items: 2, errors: 0 });
});

test("an answer of 500, and one that is broken off, have failed", async () => {
  const url = await serve((request, response) => {
    if (request.url === "/500") response.writeHead(500).end("no");
    else if (request.url === "/404") response.writeHead(404).end("no");
    else response.destroy();
  });
  expect((await ask(`${url}/500`)).status).toBe(500);
  expect((await ask(`${url}/404`)).status).toBe(404);
  await expect(ask(`${url}/destroyed`)).rejects.toThrow();
  await settled(3);
  expect(counts()).toMatchObject({ arrived: 3, items: 1, errors: 2 });
});

test("a request that its client gives up has failed, and is over", async () => {
  const url = await serve(() => {});
  const abort = new AbortController();
  const asked = fetch(url, { signal: abort.signal });
  while (counts().arrived === 0) await new Promise((resolve) => setImmediate(resolve));
  abort.abort();
  await expect(asked).rejects.toThrow();
  await settled(1);
  expect(counts()).toMatchObject({ items: 0, errors: 1 });
});

/** A session with a server of HTTP/2, until the test is done with it. */
async function withSession(server: http2.Http2Server, use: (session: http2.ClientHttp2Session) => Promise<void>) {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const session = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await use(session);
  session.close();
  await once(session, "close");
  await new Promise((resolve) => server.close(resolve));
}

async function askStream(session: http2.ClientHttp2Session, path: string): Promise<string> {
  const stream = session.request({ ":path": path });
  const [headers] = (await once(stream, "response")) as [http2.IncomingHttpHeaders & { ":status": number }];
  return `${headers[":status"]} ${(await stream.setEncoding("utf8").toArray()).join("")}`;
}

const HTTP2_SERVERS: readonly (readonly [string, () => http2.Http2Server])[] = [
  [
    "requests",
    () =>
      http2.createServer((request, response) => {
        observed.clock.pass(2);
        response.statusCode = request.url === "/500" ? 500 : 200;
        response.end("yes");
      }),
  ],
  [
    "streams",
    () =>
      http2.createServer().on("stream", (stream, headers) => {
        observed.clock.pass(2);
        stream.respond({ ":status": headers[":path"] === "/500" ? 500 : 200 });
        stream.end("yes");
      }),
  ],
];

test.for(HTTP2_SERVERS)("%s of HTTP/2 are hand-overs, each once", async ([, serverOf]) => {
  await withSession(serverOf(), async (session) => {
    expect(await askStream(session, "/")).toBe("200 yes");
    expect(await askStream(session, "/500")).toBe("500 yes");
    await settled(2);
  });
  expect(counts()).toEqual({ role: "source", arrived: 2, items: 1, errors: 1 });
  expect(observed.states("http-server").self).toBe(4);
});

test("a stream of HTTP/2 that its client gives up has failed, and is over", async () => {
  const server = http2.createServer(() => {});
  await withSession(server, async (session) => {
    const stream = session.request({});
    stream.on("error", () => {});
    while (counts().arrived === 0) await new Promise((resolve) => setImmediate(resolve));
    stream.close(http2.constants.NGHTTP2_CANCEL);
    await settled(1);
  });
  expect(counts()).toMatchObject({ items: 0, errors: 1 });
});

test("a class of servers that extends Node's is seen, each request once", async () => {
  class Api extends http.Server {}
  const heard: unknown[] = [];
  Object.defineProperty(Api.prototype, "emit", {
    configurable: true,
    value: function emit(this: http.Server, ...args: unknown[]) {
      heard.push(args[0]);
      return Reflect.apply(http.Server.prototype.emit, this, args);
    },
  });
  const plain = await serve((_request, response) => void response.end());
  await ask(plain);
  const api = new Api((_request: http.IncomingMessage, response: http.ServerResponse) => void response.end("api"));
  expect(await ask(await listen(api))).toEqual({ status: 200, body: "api" });
  await Promise.all([settled(1), settled(1, "http-server#2")]);
  expect(heard).toContain("request");
});

test("while no request is there, the source waits for one", async () => {
  const { clock } = observed;
  const url = await serve((_request, response) => {
    clock.pass(2);
    response.end();
  });
  await ask(url);
  await settled(1);
  clock.pass(30);
  await ask(url);
  await settled(2);
  expect(observed.states("http-server")).toEqual({ self: 4, starved: 30 });
});

test("a server's stage tells where it listens, and another server is another stage", async () => {
  const urls = [
    await serve((_request, response) => void response.end()),
    await serve((_, response) => void response.end()),
  ];
  for (const url of [...urls, ...urls]) await ask(url);
  const { stages } = observed.recorder.snapshot();
  expect(stages.map(({ name, attributes }) => [name, attributes["server.port"]])).toEqual([
    ["http-server", new URL(urls[0] as string).port],
    ["http-server#2", new URL(urls[1] as string).port],
  ]);
  await Promise.all([settled(2), settled(2, "http-server#2")]);
});

test("requests that somebody makes up are left alone, and servers without end do not take all rows", async () => {
  const heard: unknown[] = [];
  const first = http.createServer((_request, response) => void response.end());
  await ask(await listen(first));
  first.removeAllListeners("request").on("request", (request) => heard.push(request));
  for (const made of [null, 7, {}]) expect(first.emit("request", made as never, {} as never)).toBe(true);
  expect(heard).toEqual([null, 7, {}]);
  for (let count = 0; count < 20; count++) await ask(await serve((_request, response) => void response.end()));
  const { stages, losses } = observed.recorder.snapshot();
  expect(stages).toHaveLength(8);
  expect(losses).toEqual({});
});

test("a server of Pinchpoint's own is not recorded", async () => {
  const server = http.createServer((_request, response) => void response.end());
  markUnrecorded(server);
  await ask(await listen(server));
  expect(observed.recorder.snapshot().stages).toEqual([]);
});

test("the handler runs in the context that it has bare, and what it throws is the application's own", async () => {
  const context = new AsyncLocalStorage<string>();
  const failure = new Error("no handler");
  const seen: unknown[] = [];
  const server = http.createServer(() => {
    seen.push(context.getStore());
    throw failure;
  });
  const thrown: unknown[] = [];
  const original = server.emit;
  await ask(await serve((_request, response) => void response.end()));
  Object.defineProperty(server, "emit", {
    value: (...args: unknown[]) => {
      try {
        return Reflect.apply(args[0] === "request" ? http.Server.prototype.emit : original, server, args);
      } catch (error) {
        thrown.push(error);
        (args[2] as http.ServerResponse).end();
        return true;
      }
    },
  });
  const url = await context.run("outside", () => listen(server));
  await ask(url);
  expect(seen).toEqual(["outside"]);
  expect(thrown).toEqual([failure]);
  await settled(1, "http-server#2");
  expect(counts("http-server#2")).toMatchObject({ arrived: 1, errors: 1 });
});

test("what is replaced looks the same, and is put back", async () => {
  const outside = () => [http.Server.prototype.emit.name, http.Server.prototype.emit.length];
  const before = [Reflect.ownKeys(http.Server.prototype), outside()];
  const url = await serve((_request, response) => void response.end());
  await ask(url);
  await settled(1);
  expect(outside()).toEqual(before[1]);
  expect(Object.keys(http.Server.prototype)).not.toContain("emit");
  attachment.detach();
  expect([Reflect.ownKeys(http.Server.prototype), outside()]).toEqual(before);
  await ask(url);
  expect(counts().arrived).toBe(1);
});

test("a pipeline without a name is refused", () => {
  expect(() => instrumentHttpServers(observed.recorder, { pipeline: "" })).toThrow(PinchpointError);
});
