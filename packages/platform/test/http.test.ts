import http from "node:http";
import type { LookupFunction } from "node:net";
import * as undici from "undici";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CLIENTS, type Client, type ClientKind, UNLIMITED_CLIENTS } from "./clients.ts";
import { type ModelServer, openModelServer } from "./model-server.ts";
import { type Observation, observe } from "./observation.ts";

let server: ModelServer;
let observed: Observation;
const clients: Client[] = [];

beforeEach(async () => {
  server = await openModelServer();
  observed = observe();
});
afterEach(async () => {
  observed.attachment.detach();
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await server.close();
});

function open(kind: ClientKind): Client {
  if (kind.options !== undefined && clients.length === 0) {
    observed.attachment.detach();
    observed = observe(kind.options);
  }
  const client = kind.open(server.url);
  clients.push(client);
  return client;
}

/** A call of no stage, after which the client has its connection. */
async function warmUp(client: Client): Promise<void> {
  const answer = client.get(server.url);
  (await server.arrival()).response.end("warm");
  await answer;
}

describe.for([...CLIENTS, ...UNLIMITED_CLIENTS])("$name", (kind) => {
  test("a stage that awaits a model server uses it, and works before and after", async () => {
    const client = open(kind);
    const { clock } = observed;
    const scored = observed.stage("score").run(async () => {
      clock.pass(1);
      await null;
      const { body } = await client.get(`${server.url}/v1/score?user=7`);
      clock.pass(2);
      return body;
    });
    const { response } = await server.arrival();
    clock.pass(10);
    response.end("0.7");
    expect(await scored).toBe("0.7");
    expect(observed.calls()).toEqual({ [`score -> ${server.host}`]: { waitMs: 0, useMs: 10, uses: 1, open: 0 } });
    expect(observed.states("score")).toEqual({ self: 3, use: 10 });
  });

  test("the body counts to its last byte", async () => {
    const client = open(kind);
    const scored = observed.stage("score").run(() => client.get(server.url));
    const { response } = await server.arrival();
    observed.clock.pass(3);
    response.write("first");
    observed.clock.pass(4);
    response.end("last");
    expect((await scored).body).toBe("firstlast");
    expect(observed.calls()).toEqual({ [`score -> ${server.host}`]: { waitMs: 0, useMs: 7, uses: 1, open: 0 } });
  });

  test.for([500, 429, 204])("an answer of %d ends the call as any answer does", async (status) => {
    const client = open(kind);
    const scored = observed.stage("score").run(() => client.get(server.url));
    const { response } = await server.arrival();
    observed.clock.pass(5);
    response.writeHead(status).end();
    expect((await scored).status).toBe(status);
    expect(observed.calls()).toEqual({ [`score -> ${server.host}`]: { waitMs: 0, useMs: 5, uses: 1, open: 0 } });
  });

  const told = (call: Promise<unknown>) =>
    call.then(
      () => "no error",
      (error: Error & { code?: string; cause?: Error & { code?: string } }) => [
        error.name,
        error.message,
        error.code,
        error.cause?.message,
      ],
    );

  /** The error that the application gets from a call, in a stage that is followed and without any of it. */
  async function compareWithBare(fail: (client: Client) => Promise<unknown>): Promise<void> {
    const client = open(kind);
    const seen = await told(observed.stage("score").run(() => fail(client)));
    observed.attachment.detach();
    expect(seen).toEqual(await told(fail(open(kind))));
    expect(seen).not.toBe("no error");
  }

  test("a server that hangs until the call is aborted: one end, and the application's own error", async () => {
    await compareWithBare(async (client) => {
      const abort = new AbortController();
      const call = client.get(server.url, { signal: abort.signal });
      await Promise.race([server.arrival(), call]);
      observed.clock.pass(8);
      abort.abort();
      return call;
    });
    expect(observed.calls()).toEqual({ [`score -> ${server.host}`]: { waitMs: 0, useMs: 8, uses: 1, open: 0 } });
  });

  test("a server that hangs until the call times out in the middle of the body", async () => {
    await compareWithBare(async (client) => {
      const abort = new AbortController();
      const call = client.get(server.url, { signal: abort.signal });
      const { response } = await server.arrival();
      await new Promise<void>((resolve) => response.write("half", () => resolve()));
      observed.clock.pass(8);
      abort.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError"));
      return call;
    });
    expect(observed.calls()).toEqual({ [`score -> ${server.host}`]: { waitMs: 0, useMs: 8, uses: 1, open: 0 } });
  });

  test.for(["before its answer", "in the middle of its answer"])(
    "a server that resets the connection %s",
    async (when) => {
      await compareWithBare(async (client) => {
        const call = client.get(server.url);
        const { response } = await server.arrival();
        observed.clock.pass(6);
        if (when !== "before its answer") await new Promise<void>((resolve) => response.write("half", () => resolve()));
        response.socket?.resetAndDestroy();
        return call;
      });
      expect(observed.calls()).toEqual({ [`score -> ${server.host}`]: { waitMs: 0, useMs: 6, uses: 1, open: 0 } });
    },
  );

  test("a server that is not there: nothing stays open", async () => {
    const { host } = server;
    await server.close();
    await compareWithBare((client) => client.get(`http://${host}/`));
    expect(Object.keys(observed.calls())).toEqual([`score -> ${host}`]);
    expect(observed.calls()[`score -> ${host}`]?.open).toBe(0);
    observed.clock.pass(100);
    expect(observed.calls()[`score -> ${host}`]).toMatchObject({ waitMs: 0, useMs: 0 });
  });

  test("three stages that call the same host at once are each charged with their own", async () => {
    const stages = ["clean", "score", "rank"].map((name, i) => {
      const client = open(kind);
      return {
        name,
        passMs: 2 * (i + 1),
        run: () => observed.stage(name).run(() => client.get(`${server.url}/${name}`)),
      };
    });
    for (const { run, passMs } of stages) {
      const answer = run();
      const { response } = await server.arrival();
      observed.clock.pass(passMs);
      response.end();
      await answer;
    }
    const answers = stages.map(({ run }) => run());
    const arrivals = [await server.arrival(), await server.arrival(), await server.arrival()];
    for (const { name, passMs } of stages) {
      observed.clock.pass(passMs);
      arrivals.find(({ path }) => path === `/${name}`)?.response.end();
      await answers[stages.findIndex((stage) => stage.name === name)];
    }
    expect(observed.calls()).toEqual({
      [`clean -> ${server.host}`]: { waitMs: 0, useMs: 2 + 2, uses: 2, open: 0 },
      [`score -> ${server.host}`]: { waitMs: 0, useMs: 4 + 6, uses: 2, open: 0 },
      [`rank -> ${server.host}`]: { waitMs: 0, useMs: 6 + 12, uses: 2, open: 0 },
    });
  });

  test("a connection that one stage has opened and another one takes over is charged to the other", async () => {
    const client = open(kind);
    for (const [name, passMs] of [
      ["clean", 3],
      ["score", 5],
    ] as const) {
      const answer = observed.stage(name).run(() => client.get(server.url));
      const { response } = await server.arrival();
      observed.clock.pass(passMs);
      response.end();
      await answer;
    }
    expect(observed.calls()).toEqual({
      [`clean -> ${server.host}`]: { waitMs: 0, useMs: 3, uses: 1, open: 0 },
      [`score -> ${server.host}`]: { waitMs: 0, useMs: 5, uses: 1, open: 0 },
    });
  });

  test("calls of no stage are left alone", async () => {
    await warmUp(open(kind));
    expect(observed.recorder.snapshot().resources).toEqual([]);
    expect(observed.recorder.snapshot().losses).toEqual({});
  });

  test("calls after detach are not recorded, and those under way are followed to their end", async () => {
    const client = open(kind);
    const answer = observed.stage("score").run(() => client.get(server.url));
    const { response } = await server.arrival();
    observed.attachment.detach();
    observed.clock.pass(4);
    response.end();
    await answer;
    const later = observed.stage("score").run(() => client.get(server.url));
    (await server.arrival()).response.end();
    await later;
    expect(observed.calls()).toEqual({ [`score -> ${server.host}`]: { waitMs: 0, useMs: 4, uses: 1, open: 0 } });
  });
});

describe.for(CLIENTS)("$name that has one connection", (kind) => {
  test("calls that queue for it wait, each in its own stage, and use it from then on", async () => {
    const client = open(kind);
    await warmUp(client);
    const { clock } = observed;
    const names = ["clean", "score", "rank"];
    const answers = names.map((name) => observed.stage(name).run(() => client.get(`${server.url}/${name}`)));
    for (const [i, name] of names.entries()) {
      const { path, response } = await server.arrival();
      expect(path).toBe(`/${name}`);
      clock.pass(10);
      expect(Object.values(observed.calls()).map(({ open }) => open)).toEqual(names.map((_, j) => (i === j ? 1 : 0)));
      response.end();
      await answers[i];
    }
    expect(observed.calls()).toEqual({
      [`clean -> ${server.host}`]: { waitMs: 0, useMs: 10, uses: 1, open: 0 },
      [`score -> ${server.host}`]: { waitMs: 10, useMs: 10, uses: 1, open: 0 },
      [`rank -> ${server.host}`]: { waitMs: 20, useMs: 10, uses: 1, open: 0 },
    });
    expect(observed.states("rank")).toEqual({ wait: 20, use: 10 });
  });

  test("a call of no stage that has queued is nobody's, though a stage's answer frees its connection", async () => {
    const client = open(kind);
    const opening = observed.stage("open").run(() => client.get(server.url));
    (await server.arrival()).response.end();
    await opening;
    const mine = observed.stage("score").run(() => client.get(`${server.url}/mine`));
    const nobodys = client.get(`${server.url}/nobodys`);
    for (const answer of [mine, nobodys]) {
      const { response } = await server.arrival();
      observed.clock.pass(10);
      response.end();
      await answer;
    }
    expect(observed.calls()).toEqual({
      [`open -> ${server.host}`]: { waitMs: 0, useMs: 0, uses: 1, open: 0 },
      [`score -> ${server.host}`]: { waitMs: 0, useMs: 10, uses: 1, open: 0 },
    });
  });

  test("a client that is destroyed with calls queued leaves none open", async () => {
    const client = open(kind);
    await warmUp(client);
    const run = (path: string) =>
      observed
        .stage("score")
        .run(() => client.get(server.url + path))
        .catch((error: unknown) => error);
    const answers = [run("/held"), run("/queued")];
    const { response } = await server.arrival();
    observed.clock.pass(5);
    await client.close();
    response.destroy();
    // An agent that is destroyed goes on with what is queued, on a new connection.
    const last = await Promise.race([Promise.all(answers), server.arrival()]);
    if (!Array.isArray(last)) last.response.end();
    await Promise.all(answers);
    observed.clock.pass(100);
    expect(observed.calls()).toEqual({
      [`score -> ${server.host}`]: { waitMs: 5, useMs: 5, uses: expect.any(Number), open: 0 },
    });
  });
});

test("an answer whose body nobody reads is in use until the application drops it", async () => {
  const request = await new Promise<http.ClientRequest>((resolve, reject) => {
    const made = observed.stage("score").run(() => http.get(server.url, { agent: false }, () => resolve(made)));
    made.on("error", reject);
    server.arrival().then(({ response }) => response.write("never read"));
  });
  observed.clock.pass(30);
  expect(observed.calls()[`score -> ${server.host}`]).toMatchObject({ useMs: 30, open: 1 });
  const closed = new Promise((resolve) => request.once("close", resolve));
  request.destroy();
  await closed;
  observed.clock.pass(30);
  expect(observed.calls()).toEqual({ [`score -> ${server.host}`]: { waitMs: 0, useMs: 30, uses: 1, open: 0 } });
});

test("each hop of a redirect is a call of the same stage", async () => {
  const client = open(UNLIMITED_CLIENTS[0] as ClientKind);
  const scored = observed.stage("score").run(() => client.get(`${server.url}/old`));
  const first = await server.arrival();
  observed.clock.pass(3);
  first.response.writeHead(302, { location: "/new" }).end();
  const second = await server.arrival();
  observed.clock.pass(4);
  second.response.end("found");
  expect((await scored).body).toBe("found");
  expect(observed.calls()).toEqual({ [`score -> ${server.host}`]: { waitMs: 0, useMs: 7, uses: 2, open: 0 } });
});

const noSuchHost: LookupFunction = (hostname, _options, callback) => {
  const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: "ENOTFOUND" });
  process.nextTick(callback, error, "", 4);
};

test.for<readonly [string, (url: string) => Promise<unknown>]>([
  ["undici", (url) => undici.request(url, { dispatcher: new undici.Agent({ connect: { lookup: noSuchHost } }) })],
  [
    "node:http",
    (url) => new Promise((_, reject) => http.get(url, { lookup: noSuchHost, agent: false }).on("error", reject)),
  ],
])("by %s, a host whose name is not known fails as ever, and leaves nothing open", async ([, get]) => {
  const call = observed.stage("score").run(() => get("http://model.invalid:8080/v1"));
  await expect(call).rejects.toMatchObject({ code: "ENOTFOUND", message: "getaddrinfo ENOTFOUND model.invalid" });
  observed.clock.pass(100);
  expect(observed.calls()).toMatchObject({ "score -> model.invalid:8080": { waitMs: 0, useMs: 0, open: 0 } });
});

test("a connection that is upgraded is the application's own, and no call stays open", async () => {
  const upgrading = http.createServer().on("upgrade", (_, socket) => {
    socket.on("end", () => socket.end());
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: lines\r\n\r\n");
  });
  await new Promise<void>((resolve) => upgrading.listen(0, "127.0.0.1", resolve));
  const address = upgrading.address();
  const host = `127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  const sockets = await observed.stage("score").run(async () => [
    // No call at all, because not all versions of undici tell of an answer to it.
    (await undici.upgrade(`http://${host}`, { protocol: "lines" })).socket,
    await new Promise<{ destroy(): void }>((resolve) => {
      const headers = { connection: "upgrade", upgrade: "lines" };
      http.get(`http://${host}`, { headers, agent: false }).on("upgrade", (_, socket) => resolve(socket));
    }),
  ]);
  observed.clock.pass(50);
  expect(observed.calls()).toEqual({ [`score -> ${host}`]: { waitMs: 0, useMs: 0, uses: 1, open: 0 } });
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => upgrading.close(resolve));
});

describe("an installed undici whose agent becomes the global one", () => {
  const before = undici.getGlobalDispatcher();
  let agent: undici.Agent;
  beforeEach(() => {
    agent = new undici.Agent({ connections: 2 });
    undici.setGlobalDispatcher(agent);
  });
  afterEach(async () => {
    undici.setGlobalDispatcher(before);
    await agent.destroy();
  });

  test("its calls queue from the first on, each in its own stage", async () => {
    const names = ["clean", "score", "rank"];
    const answers = names.map((name) =>
      observed.stage(name).run(async () => (await undici.request(`${server.url}/${name}`)).body.text()),
    );
    const first = [await server.arrival(), await server.arrival()];
    observed.clock.pass(10);
    for (const { response } of first) response.end();
    const last = await server.arrival();
    expect(last.path).toBe("/rank");
    observed.clock.pass(5);
    last.response.end();
    await Promise.all(answers);
    expect(observed.calls()).toEqual({
      [`clean -> ${server.host}`]: { waitMs: 0, useMs: 10, uses: 1, open: 0 },
      [`score -> ${server.host}`]: { waitMs: 0, useMs: 10, uses: 1, open: 0 },
      [`rank -> ${server.host}`]: { waitMs: 10, useMs: 5, uses: 1, open: 0 },
    });
  });

  test("a request that it refuses gets its error, and is no call", async () => {
    observed.attachment.detach();
    observed = observe({ undici: [undici] });
    const refused = observed.stage("score").run(() => undici.request(server.url, { method: "NO METHOD" as "GET" }));
    await expect(refused).rejects.toMatchObject({ code: "UND_ERR_INVALID_ARG" });
    expect(observed.calls()).toEqual({});
    expect(observed.recorder.snapshot().losses).toEqual({});
  });
});
