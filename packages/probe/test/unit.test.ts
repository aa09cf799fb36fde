import { expect, test } from "vitest";
import { openPipeline } from "../src/pipeline.ts";
import type { Stage } from "../src/pipeline-stage.ts";
import { HandClock, mainRecorder } from "./hand-clock.ts";
import { family, newTracer, PARENT, SPAN_ID, TRACE_ID } from "./kept-spans.ts";

function scene() {
  const clock = new HandClock();
  const recorder = mainRecorder(clock);
  const { tracer, ring } = newTracer();
  recorder.keepSpans(tracer);
  const pipeline = openPipeline(recorder, "p");
  return { clock, recorder, stage: pipeline.stage("score"), other: pipeline.stage("store"), taken: () => ring.take() };
}

test("a hand-over's span is the stage's, with its items, from its beginning to its end", async () => {
  const { clock, stage, taken } = scene();
  clock.work(5);
  await stage.run(async () => clock.idle(30), { items: 64 });
  expect(taken()).toMatchObject([
    {
      name: "score",
      kind: "internal",
      startMs: 5,
      endMs: 35,
      outcome: "ok",
      attributes: { "pinchpoint.pipeline.name": "p", "pinchpoint.stage.name": "score", "pinchpoint.items": 64 },
      parentSpanId: null,
    },
  ]);
});

/** Ways to do one hand-over. */
const ways: [string, (stage: Stage, options: { parent?: string }) => unknown][] = [
  ["run", (stage, options) => stage.run(() => {}, options)],
  ["a run that is awaited", (stage, options) => stage.run(async () => {}, options)],
  ["start", (stage, options) => stage.start(options).end()],
];

test.each(ways)("%s goes on with the trace that came with its items", async (_, handOver) => {
  const { stage, other, taken } = scene();
  await handOver(stage, { parent: PARENT });
  expect(taken()).toMatchObject([{ traceId: TRACE_ID, parentSpanId: SPAN_ID }]);
  // Also within another stage's hand-over: the items came from elsewhere.
  await other.run(() => handOver(stage, { parent: PARENT }));
  expect(family(taken())).toEqual(["score < elsewhere", "store"]);
  // Whoever sent them keeps no trace of them: nor do we.
  await handOver(stage, { parent: PARENT.replace(/01$/, "00") });
  expect(taken()).toEqual([]);
});

test.each<[string, unknown]>([
  ["broken text", "00-broken"],
  ["no text", 7],
  ["nothing", undefined],
])("with %s as its parent, it is the child of what runs, or begins a trace", async (_, parent) => {
  for (const [, handOver] of ways) {
    const { stage, other, taken } = scene();
    await handOver(stage, { parent: parent as string });
    await other.run(() => handOver(stage, { parent: parent as string }));
    expect(family(taken())).toEqual(["score", "score < store", "store"]);
  }
});

const error = new Error("mine");

test.each<[string, (stage: Stage) => unknown, string]>([
  ["work that throws", (stage) => stage.run(() => Promise.reject(error)), "failed"],
  [
    "work that throws at once",
    (stage) =>
      stage.run(() => {
        throw error;
      }),
    "failed",
  ],
  ["a unit that ends with an error", (stage) => stage.start().end({ error }), "failed"],
  ["a unit that ends with the error 0", (stage) => stage.start().end({ error: 0 }), "failed"],
  ["a unit that ends with the error null", (stage) => stage.start().end({ error: null }), "ok"],
  ["work whose counting fails", (stage) => stage.run(() => 1, { emitted: () => Number.NaN }), "ok"],
])("the span of %s has the outcome that the stage counts", async (_, handOver, outcome) => {
  const { stage, taken } = scene();
  await Promise.resolve()
    .then(() => handOver(stage))
    .catch((thrown: unknown) => expect(thrown).toBe(error));
  expect(taken().map((record) => record.outcome)).toEqual([outcome]);
});

test("a unit's span ends once, at its first end", () => {
  const { clock, stage, taken } = scene();
  const unit = stage.start();
  clock.idle(3);
  unit.end();
  clock.idle(4);
  unit.end({ error });
  expect(taken()).toMatchObject([{ startMs: 0, endMs: 3, outcome: "ok" }]);
});

test("where spans are kept, the numbers are the same as where they are not", async () => {
  const numbers = async (isTraced: boolean) => {
    const { clock, recorder, stage, other } = scene();
    if (!isTraced) recorder.keepSpans(null);
    await stage.run(async () => {
      clock.work(3);
      await other.run(async () => clock.idle(7), { items: 2 });
    });
    stage.start({ items: 3 }).end({ error });
    return recorder.snapshot();
  };
  expect(await numbers(true)).toEqual(await numbers(false));
});
