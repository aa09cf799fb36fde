import { afterEach, expect, test } from "vitest";
import { application, endPrograms, NODE } from "./program.ts";
import { recordedAsBare } from "./ways.ts";

afterEach(endPrograms);

test.for([
  ["https", 10],
  // Ten one after the other, and two side by side.
  ["h2", 12],
  ["h2-streams", 12],
  // One more by HTTP/1, before the others.
  ["h2-tls", 13],
  // What is upgraded is no request any more; one that is not comes after it.
  ["websocket", 1],
] as const)("a server of %s answers as bare, and its %d requests are recorded, each once", async ([kind, requests]) => {
  const { items, losses } = await recordedAsBare("pinchpoint run", [NODE, application("servers.js"), kind]);
  expect(items).toEqual({ "http-server": requests });
  expect(losses).toEqual({});
});
