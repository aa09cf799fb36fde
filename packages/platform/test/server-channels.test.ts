import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { type Attachment, Recorder, systemClock } from "@pinchpoint/probe";
import { afterEach, expect, test } from "vitest";
import { serverRequests } from "../src/http-server.ts";
import { type ServerRequests, watchServers } from "../src/server-channels.ts";

let attachment: Attachment | null = null;
afterEach(() => attachment?.detach());

const newRecorder = () => Recorder.forProcess(systemClock(), { name: "main", osThreadId: null, workerId: 0 });

/** The answer of a server that is asked once. */
async function answer(): Promise<string> {
  const server = http.createServer((_request, response) => response.end("hello"));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}`, { headers: { connection: "close" } });
  const body = await response.text();
  await new Promise((resolve) => server.close(resolve));
  return body;
}

test("what makes a stage of servers is asked for with the first request, which it records", async () => {
  const recorder = newRecorder();
  let asked = 0;
  attachment = watchServers(recorder, () => {
    asked += 1;
    return serverRequests(recorder, { pipeline: "test" });
  });
  expect(asked).toBe(0);
  expect([await answer(), await answer()]).toEqual(["hello", "hello"]);
  expect(asked).toBe(1);
  const { stages } = recorder.snapshot();
  expect(stages.map(({ name }) => name)).toEqual(["http-server", "http-server#2"]);
});

test.for([
  ["there is none", (): ServerRequests | null => null, {}],
  [
    "it cannot be loaded",
    (): ServerRequests => {
      throw new Error("no file may be read");
    },
    { "not-patched": 1 },
  ],
] as const)("where %s, servers answer as ever", async ([, requests, losses]) => {
  const recorder = newRecorder();
  attachment = watchServers(recorder, requests);
  expect(await answer()).toBe("hello");
  expect(recorder.snapshot()).toMatchObject({ stages: [], losses });
});
