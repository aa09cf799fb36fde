import { afterEach, beforeEach, expect, test } from "vitest";
import { type OtlpReceiver, startReceiver } from "./otlp-receiver.ts";
import { application, bare, endPrograms, NODE, PRELOAD, startProgram } from "./program.ts";
import { families, tracedAsBare } from "./traced-as-bare.ts";

let receiver: OtlpReceiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  endPrograms();
  await receiver.close();
});

const traced = (way: string, environment?: Readonly<Record<string, string>>) =>
  tracedAsBare(receiver, [application("messages.js"), way], environment);

/** Messages that went on without the trace that they belonged to. */
function lost(): number {
  const points = receiver.points().filter(({ attributes }) => attributes.reason === "message-context");
  return points.reduce((sum, { value = 0 }) => sum + value, 0);
}

const ASKED = ["a", "c", "d", "e", "f"].map((name) => `ask ${name} < nobody`);
/** What nobody's stage asked, or what is withdrawn from the trace: by a getter, another message is posted first. */
const UNASKED = ["b", "inner", "e", "last", "own"].map((name) => `answer ${name} < nobody`);
const ANSWERED = ["a", "c", "f"].map((name) => `answer ${name} < ask ${name}`);
const HEARD = ["a", "b", "c", "e", "f", "inner", "last", "own"].map((name) => `hear ${name} < answer ${name}`);

test.for(["plain", "nested"])(
  "a message goes on with the trace in which it was posted, there and back: %s",
  async (way) => {
    await traced(way);
    expect(families(receiver.spans)).toEqual([...ASKED, ...UNASKED, ...ANSWERED, ...HEARD].sort());
    expect(lost()).toBe(1);
  },
);

test("a message that receiveMessageOnPort takes loses its trace, and no other message gets it", async () => {
  await traced("received");
  const answered = ANSWERED.filter((one) => one !== "answer c < ask c");
  expect(families(receiver.spans)).toEqual([...ASKED, ...UNASKED, ...answered, "answer c < nobody", ...HEARD].sort());
  expect(lost()).toBe(2);
});

test("a worker that no preload reached gets its messages as they are, and what they belonged to is counted", async () => {
  await traced("blind");
  const heard = HEARD.map((one) => one.replace(/<.*/, "< nobody"));
  expect(families(receiver.spans)).toEqual([...ASKED, ...heard].sort());
  expect(lost()).toBe(4);
});

test("what a terminated worker has not received is counted, and what it had answered is heard in its trace", async () => {
  await traced("terminated");
  const ended = ["own", "a", "b", "c"];
  const names = families(receiver.spans);
  for (const name of ended) expect(names).toContain(`hear ${name} < answer ${name}`);
  expect(names).toContain("answer c < ask c");
  expect(lost()).toBe(2);
});

/** What the main thread and a worker say of Node's own ways of sending and receiving. */
async function watchedPorts(environment: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const { stdout, stderr } = await startProgram(NODE, ["--require", PRELOAD, application("watched-ports.cjs")], {
    environment: { PINCHPOINT_PORT: "off", OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...environment },
  }).ended;
  expect(stderr).toBe("");
  return stdout.trim().split("\n");
}

test("where spans are wanted, sending and receiving is watched in both threads", async () => {
  expect(await watchedPorts({})).toEqual(["other other other", "other other other"]);
});

test.for([{ PINCHPOINT_TRACES: "off" }, { OTEL_EXPORTER_OTLP_ENDPOINT: "" }, { PINCHPOINT_INCLUDE: "streams" }])(
  "with %j nobody watches messages: Node's own ways are bare",
  async (environment) => {
    expect(await watchedPorts(environment)).toEqual(["bare bare bare", "bare bare bare"]);
  },
);

/** Runs an application bare and recorded, which must end alike. */
async function traces(words: readonly string[]): Promise<void> {
  const environment = {
    PINCHPOINT_PORT: "off",
    PINCHPOINT_TRACES: "100000",
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  };
  const recorded = startProgram(NODE, ["--require", PRELOAD, ...words], { environment }).ended;
  const [alone, ended] = await Promise.all([bare(words), recorded]);
  expect(ended).toEqual(alone);
  expect(alone).toMatchObject({ code: 0, stderr: "" });
}

test("tasks of workerpool belong to whoever asked for them, also those that queue or wait for a thread", async () => {
  await traces([application("workerpool.js")]);
  const asked = ["a", "b", "d", "f", "g", "h"].map((name) => `ask ${name} < nobody`);
  const worked = ["a", "b", "d", "f"].map((name) => `work ${name} < ask ${name}`);
  expect(families(receiver.spans)).toEqual([...asked, ...worked, "work c < nobody", "work e < nobody"].sort());
  expect(lost()).toBe(0);
});

test.for(["true", "false"])("tasks of Tinypool belong to whoever asked for them, with Atomics: %s", async (atomics) => {
  await traces([application("tinypool.js"), atomics]);
  const asked = ["a", "b", "d", "f", "g", "h"].map((name) => `ask ${name} < nobody`);
  const tasks = ["a", "b", "d", "f", "h"].map((name) => `tinypool-worker.js < ask ${name}`);
  const worked = ["a", "b", "d", "f", "h"].map((name) => `work ${name} < tinypool-worker.js`);
  expect(families(receiver.spans)).toEqual(
    [...asked, ...tasks, ...worked, "work c < nobody", "work e < nobody"].sort(),
  );
  for (const { name, traceId } of receiver.spans.filter((span) => span.name.startsWith("work "))) {
    const asking = receiver.spans.find((span) => span.name === name.replace("work", "ask"));
    expect(traceId === asking?.traceId).toBe(asking !== undefined);
  }
  expect(lost()).toBe(0);
});
