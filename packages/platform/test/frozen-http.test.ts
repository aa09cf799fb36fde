import http from "node:http";
import { expect, test } from "vitest";
import { nodeGet } from "./clients.ts";
import { openModelServer } from "./model-server.ts";
import { observe } from "./observation.ts";

test("where the application does not let node:http be replaced, a call is in use from its beginning", async () => {
  const { prototype } = http.ClientRequest;
  const own = Object.getOwnPropertyDescriptor(prototype, "onSocket") as PropertyDescriptor;
  Object.defineProperty(prototype, "onSocket", { get: () => own.value, configurable: true });
  const server = await openModelServer();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const observed = observe();
  try {
    const run = (path: string) => observed.stage("score").run(() => nodeGet(server.url + path, { agent }));
    const answers = [run("/held"), run("/queued")];
    const { response } = await server.arrival();
    observed.clock.pass(5);
    response.end();
    (await server.arrival()).response.end();
    await Promise.all(answers);
    expect(observed.calls()).toEqual({ [`score -> ${server.host}`]: { waitMs: 0, useMs: 10, uses: 2, open: 0 } });
    expect(observed.recorder.snapshot().losses).toEqual({});
  } finally {
    observed.attachment.detach();
    agent.destroy();
    await server.close();
    Object.defineProperty(prototype, "onSocket", own);
  }
});
