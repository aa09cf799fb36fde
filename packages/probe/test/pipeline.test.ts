import { expect, test } from "vitest";
import { PinchpointError, type PinchpointErrorCode } from "../src/pinchpoint-error.ts";
import { openPipeline, type Pipeline } from "../src/pipeline.ts";
import { MAX_ROWS } from "../src/slab.ts";
import { HandClock, mainRecorder, stageRow } from "./hand-clock.ts";

test("a pipeline's stages, edges and attributes are in the snapshot as they were declared", () => {
  const recorder = mainRecorder(new HandClock());
  const flights = openPipeline(recorder, "flight-features", { attributes: { "pinchpoint.tenant": "a" } });
  const read = flights.source("read");
  const score = flights.stage("score", { from: [read], workers: 4, attributes: { "pinchpoint.model.name": "delay" } });
  flights.sink("store", { from: [score, read], attributes: { "pinchpoint.tenant": "b" } });
  const { stages, edges } = recorder.snapshot();
  const pipeline = "flight-features";
  expect(stages).toEqual([
    { id: 0, pipeline, name: "read", role: "source", workers: null, attributes: { "pinchpoint.tenant": "a" } },
    {
      id: 1,
      pipeline,
      name: "score",
      role: "stage",
      workers: 4,
      attributes: { "pinchpoint.tenant": "a", "pinchpoint.model.name": "delay" },
    },
    { id: 2, pipeline, name: "store", role: "sink", workers: null, attributes: { "pinchpoint.tenant": "b" } },
  ]);
  expect(edges).toEqual([
    { from: 0, to: 1 },
    { from: 1, to: 2 },
    { from: 0, to: 2 },
  ]);
});

test("stages for which there is no room run as ever, and are recorded together", () => {
  const recorder = mainRecorder(new HandClock());
  const pipeline = openPipeline(recorder, "p");
  const stages = Array.from({ length: MAX_ROWS + 6 }, (_, at) => pipeline.stage(`stage ${at}`));
  const last = pipeline.sink("last", { from: stages });
  expect([...stages.slice(-6), last].map((stage, at) => stage.run(() => at))).toEqual([0, 1, 2, 3, 4, 5, 6]);
  const snapshot = recorder.snapshot();
  expect(stageRow(snapshot, "others")).toMatchObject({ units: 7, items: 7 });
  expect(snapshot.edges).toEqual([]);
  expect(snapshot.losses).toEqual({ "stage-limit": 7 });
});

/** Programs without types may pass anything. */
type Anything = never;

const misuses: [string, PinchpointErrorCode, (pipeline: Pipeline) => unknown, string][] = [
  [
    "an empty name",
    "PINCH_BAD_NAME",
    (p) => p.stage(""),
    "the name of a stage must be a string of 1 to 100 characters, got 0 characters",
  ],
  [
    "a long name",
    "PINCH_BAD_NAME",
    (p) => p.source("n".repeat(101)),
    "the name of a stage must be a string of 1 to 100 characters, got 101 characters",
  ],
  [
    "no name",
    "PINCH_BAD_NAME",
    (p) => p.resource(undefined as Anything, { kind: "lock" }),
    "the name of a resource must be a string of 1 to 100 characters, got undefined",
  ],
  [
    "no workers",
    "PINCH_BAD_WORKERS",
    (p) => p.stage("s", { workers: 0 }),
    "workers must be a finite number > 0, got 0",
  ],
  [
    "workers as text",
    "PINCH_BAD_WORKERS",
    (p) => p.sink("s", { workers: "4" as Anything }),
    'workers must be a finite number > 0, got "4"',
  ],
  [
    "endless capacity",
    "PINCH_BAD_CAPACITY",
    (p) => p.resource("table", { kind: "service", capacity: Number.POSITIVE_INFINITY }),
    "capacity must be a finite number > 0, got Infinity",
  ],
  [
    "no declaration of a resource",
    "PINCH_BAD_KIND",
    (p) => p.resource("table", undefined as Anything),
    "the kind of a resource must be one of service, lock, limiter, pool, gpu, got undefined",
  ],
  [
    "attributes that are no object",
    "PINCH_BAD_ATTRIBUTES",
    (p) => p.stage("s", { attributes: ["a"] as Anything }),
    "attributes must be an object whose values are strings, got an array",
  ],
  [
    "an attribute that is no string",
    "PINCH_BAD_ATTRIBUTES",
    (p) => p.stage("s", { attributes: { "model.size": 12n as Anything } }),
    "attributes must be an object whose values are strings, got 12 for model.size",
  ],
  [
    "one stage in place of a list",
    "PINCH_BAD_FROM",
    (p) => p.stage("s", { from: p.source("read") as Anything }),
    "from must be an array of stages that this process has declared, got an object",
  ],
  [
    "a stage's name in place of the stage",
    "PINCH_BAD_FROM",
    (p) => p.stage("s", { from: ["read"] as Anything }),
    'from must be an array of stages that this process has declared, got "read" in it',
  ],
  [
    "a context that there is not",
    "PINCH_BAD_CONTEXT",
    (p) => p.stage("s", { context: "none" as Anything }),
    'the context of a stage must be one of ambient, synchronous, got "none"',
  ],
];

test.each(misuses)("%s is refused in one sentence, recorded or not", (_, code, act, sentence) => {
  for (const recorder of [null, mainRecorder(new HandClock())]) {
    const pipeline = openPipeline(recorder, "p");
    let error: unknown;
    try {
      act(pipeline);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(PinchpointError);
    expect(error).toMatchObject({ name: "PinchpointError", code, message: sentence });
  }
});

test("a pipeline itself is checked too", () => {
  expect(() => openPipeline(null, 5 as Anything)).toThrow(
    "the name of a pipeline must be a string of 1 to 100 characters, got 5",
  );
  expect(() => openPipeline(null, "p", { attributes: { tenant: undefined as Anything } })).toThrow(
    "attributes must be an object whose values are strings, got undefined for tenant",
  );
});
