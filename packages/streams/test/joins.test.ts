import stream, { Duplex, PassThrough, Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { type Attachment, Recorder, systemClock } from "@pinchpoint/probe";
import { afterEach, expect, test } from "vitest";
import { watchJoins } from "../src/joins.ts";
import { streamGraph } from "../src/node-stream.ts";
import type { StreamGraph } from "../src/stream-graph.ts";

let attachment: Attachment | null = null;
afterEach(() => attachment?.detach());

const newRecorder = () => Recorder.forProcess(systemClock(), { name: "main", osThreadId: null, workerId: 0 });

async function* one(): AsyncGenerator<string> {
  yield "a";
}

async function* same(items: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  yield* items;
}

const compose = (...parts: unknown[]): Duplex =>
  (Reflect.get(stream, "compose") as (...all: unknown[]) => Duplex)(...parts);

/** Each way to join streams, on its own. */
const JOINS: Readonly<Record<string, () => Promise<unknown>>> = {
  pipe: () => finished(Readable.from(["a"]).pipe(new PassThrough().resume())),
  "pipeline of functions": () => pipeline(one, same, async (items) => void (await same(items).next())),
  compose: () => finished(compose(same, new PassThrough()).end("a").resume()),
  "Duplex.from": () => finished(Duplex.from(one).resume(), { writable: false }),
};

test.for(Object.entries(JOINS))("what makes stages is asked for at the first join, by %s", async ([, join]) => {
  const recorder = newRecorder();
  let asked = 0;
  const graph = streamGraph(recorder, { pipeline: "test" });
  attachment = watchJoins(recorder, () => {
    asked += 1;
    return graph;
  });
  Readable.from(["a"]).resume();
  expect(asked).toBe(0);
  await join();
  expect(asked).toBeGreaterThan(0);
  expect(recorder.snapshot().stages.length).toBeGreaterThan(0);
});

test.for([
  ["there is none", (): StreamGraph | null => null, {}],
  [
    "it cannot be loaded",
    (): StreamGraph => {
      throw new Error("no file may be read");
    },
    { "not-patched": expect.any(Number) },
  ],
] as const)("where %s, streams are joined as ever", async ([, graph, losses]) => {
  const recorder = newRecorder();
  attachment = watchJoins(recorder, graph);
  for (const join of Object.values(JOINS)) await join();
  expect(recorder.snapshot()).toMatchObject({ stages: [], losses });
});
