import { contextOfText, openPipeline } from "@pinchpoint/probe";
import { expect, test } from "vitest";
import { closedGate, type Gate, openGate } from "./gate.ts";
import { family, keepSpans } from "./kept-spans.ts";
import { attach, FILE, newPool, outcome } from "./piscina-pools.ts";
import { mainRecorder } from "./recording.ts";
import { newTracedPool, posted, TRACED_FILE } from "./traced-pools.ts";

const CARRIED = "pinchpoint.trace";

/** What an application may send. */
const task = () => ({
  value: 7,
  deep: [new Map([["a", 1n]]), new Date(5)],
  bytes: new Uint8Array([1, 2, 3]),
  none: null,
});

test("a task is sent as it is, and the trace beside it", async () => {
  const recorder = mainRecorder();
  attach(recorder);
  const pool = newPool(1);
  const stage = openPipeline(recorder, "app").stage("score");
  const bare = await posted(() => stage.run(() => pool.run(task())));
  const records = keepSpans(recorder);
  const traced = await posted(() => stage.run(() => pool.run(task())));
  const asked = records.find(({ name }) => name === FILE);
  const [first, second] = [bare[0], traced[0]].map((message) => ({ ...message, taskId: 0 }));
  expect(second).toEqual({ ...first, [CARRIED]: `00-${asked?.traceId}-${asked?.spanId}-01` });
  expect(second).toMatchObject({ task: task() });
});

test("what a worker's function gets is what was sent, and what is transferred is", async () => {
  const recorder = mainRecorder();
  attach(recorder);
  keepSpans(recorder);
  const pool = newTracedPool(recorder, 1);
  const stage = openPipeline(recorder, "app").stage("score");
  const sent = task();
  const { received } = await stage.run(() => pool.run(sent, { transferList: [sent.bytes.buffer] }));
  expect(received).toEqual(task());
  expect(sent.bytes.byteLength).toBe(0);
  for (const value of [undefined, null, 7, "text"]) {
    expect(await stage.run(() => newPool(1).run({ value }))).toBe(value);
  }
});

test("a task of a trace that is not to be kept goes with a note of that, where spans are kept at all", async () => {
  const recorder = mainRecorder();
  attach(recorder);
  const pool = newPool(1);
  const stage = openPipeline(recorder, "app").stage("score");
  expect((await posted(() => pool.run({})))[0]).not.toHaveProperty([CARRIED]);
  const records = keepSpans(recorder);
  const parent = `00-${"1".repeat(32)}-${"2".repeat(16)}-00`;
  const messages = await posted(() => stage.run(() => pool.run({}), { parent }));
  expect(contextOfText(String(messages[0]?.[CARRIED]))?.isSampled).toBe(false);
  expect(records).toEqual([]);
});

test("tasks of no stage are traces of their own", async () => {
  const recorder = mainRecorder();
  attach(recorder);
  const records = keepSpans(recorder);
  const pool = newPool(1);
  await pool.run({});
  expect(records).toMatchObject([{ name: FILE, parentSpanId: null, attributes: { "pinchpoint.stage.name": FILE } }]);
});

test("queued tasks belong to whoever asked, whoever's end posts them", async () => {
  const recorder = mainRecorder();
  attach(recorder);
  const records = keepSpans(recorder);
  const pool = newPool(1, { stricterFIFO: true });
  const app = openPipeline(recorder, "app");
  const gates: Gate[] = [];
  const messages = await posted(async () => {
    const answers = ["a", "b", "c"].map((name) => {
      const gate = closedGate();
      gates.push(gate);
      return app.stage(name).run(() => pool.run({ gate }));
    });
    for (const [at, gate] of gates.entries()) {
      openGate(gate);
      await answers[at];
    }
  });
  expect(family(records)).toEqual(["a", "b", "c", `${FILE} < a`, `${FILE} < b`, `${FILE} < c`]);
  const tasks = records.filter(({ name }) => name === FILE);
  expect(messages.map((message) => message[CARRIED])).toEqual(
    tasks.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`),
  );
});

for (const atomics of ["sync", "async", "disabled"] as const) {
  test(`where Piscina waits ${atomics}, a worker goes on with the trace of whoever asked`, async () => {
    const recorder = mainRecorder();
    attach(recorder);
    const records = keepSpans(recorder);
    const pool = newTracedPool(recorder, 1, { atomics });
    const app = openPipeline(recorder, "app");
    const answers = ["a", "b"].map((name) => app.stage(name).run(() => pool.run({})));
    for (const answer of answers) expect(await answer).toMatchObject({ told: ["first trace"] });
    const inWorker = recorder.takeSpans();
    expect(family([...records, ...inWorker])).toEqual([
      "a",
      "b",
      ...Array<string>(4).fill(`inner < ${TRACED_FILE}`),
      `${TRACED_FILE} < a`,
      `${TRACED_FILE} < b`,
      `${TRACED_FILE} < ${TRACED_FILE}`,
      `${TRACED_FILE} < ${TRACED_FILE}`,
    ]);
    for (const traceId of new Set(records.map((record) => record.traceId))) {
      const names = [...records, ...inWorker].filter((record) => record.traceId === traceId).map(({ name }) => name);
      expect(names.filter((name) => name === "inner")).toHaveLength(2);
      expect(names.filter((name) => name === TRACED_FILE)).toHaveLength(2);
    }
    expect(recorder.snapshot().losses).toEqual({});
  });
}

test("a task that throws has failed on both sides", async () => {
  const recorder = mainRecorder();
  attach(recorder);
  const records = keepSpans(recorder);
  const pool = newTracedPool(recorder, 1);
  const stage = openPipeline(recorder, "app").stage("score");
  const { error } = await outcome(stage.run(() => pool.run({ does: "throw" })));
  expect(error).toMatchObject({ name: "RangeError", message: "refused" });
  const of = ({ name, outcome: ended }: { name: string; outcome: string }) => `${name} ${ended}`;
  expect(records.map(of)).toEqual([`${TRACED_FILE} failed`, "score failed"]);
  expect(recorder.takeSpans().map(of)).toEqual(["inner ok", "inner ok", `${TRACED_FILE} failed`]);
});

test("what belongs to no trace begins none in the worker; where nobody keeps spans there are none", async () => {
  const recorder = mainRecorder();
  attach(recorder);
  const pool = newTracedPool(recorder, 1);
  expect(await pool.run({})).toMatchObject({ told: [] });
  expect(recorder.takeSpans()).toEqual([]);
  keepSpans(recorder);
  const parent = `00-${"1".repeat(32)}-${"2".repeat(16)}-00`;
  const stage = openPipeline(recorder, "app").stage("score");
  await stage.run(() => pool.run({}), { parent });
  expect(recorder.takeSpans()).toEqual([]);
});
