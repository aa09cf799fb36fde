import { afterEach, beforeEach, expect, test } from "vitest";
import { type OtlpReceiver, type ReceivedSpan, startReceiver } from "./otlp-receiver.ts";
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

const traced = (words: readonly string[], environment?: Readonly<Record<string, string>>) =>
  tracedAsBare(receiver, [application("api-spans.js"), ...words], environment);

const named = (name: string): ReceivedSpan | undefined => receiver.spans.find((span) => span.name === name);

/** Spans that are counted as lost. */
function lost(): number {
  const points = receiver.points().filter(({ attributes }) => attributes.reason === "span");
  return points.reduce((sum, { value = 0 }) => sum + value, 0);
}

const REMOTE = "b7ad6b7169203331";
const MADE = [
  "ask < nobody",
  "load rows < ask",
  "decode < load rows",
  "row < decode",
  "check < decode",
  "cell < check",
  "left < load rows",
  "left inner < left",
  "right < load rows",
  "right inner < right",
  "alone < nobody",
  `told < ${REMOTE}`,
  `late < ${REMOTE}`,
  "unbound < nobody",
];

test.for(["module", "script"])(
  "what an application traces itself in a worker thread reaches the exporter with its parents: %s",
  async (build) => {
    await traced(["plain", build]);
    expect(families(receiver.spans)).toEqual([...MADE].sort());
    expect(lost()).toBe(0);
    for (const { name, scope } of receiver.spans) {
      const isStage = ["ask", "decode", "check"].includes(name);
      if (name !== "begin") expect(scope).toBe(isStage ? "pinchpoint" : "library");
    }
    expect(named("load rows")).toMatchObject({
      kind: "producer",
      hasFailed: true,
      attributes: { size: 7, "thread.id": 1 },
      events: ["half", "exception"],
    });
    expect(named("told")?.traceId).toBe("0af7651916cd43dd8448eb211c80319c");
  },
);

test("an application without stages has its worker threads' spans too", async () => {
  const words = [application("api-only.cjs")];
  const environment = { PINCHPOINT_PORT: "off", OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const recorded = startProgram(NODE, ["--require", PRELOAD, ...words], { environment }).ended;
  const alone = bare(words, { environment: { UNTRACED: "true" } });
  expect(await recorded).toEqual(await alone);
  expect(families(receiver.spans)).toEqual(["inner < outer", "outer < nobody"]);
});

test("what had ended when a worker thread calls process.exit() is there", async () => {
  await traced(["exit"]);
  expect(families(receiver.spans)).toEqual([...MADE, "last < ask"].sort());
  expect(lost()).toBe(0);
});

test("what had ended when a worker thread is terminated is there, and what had not is counted", async () => {
  await traced(["terminated"]);
  expect(families(receiver.spans)).toEqual([...MADE].sort());
  expect(lost()).toBe(1);
});

test.for(["module", "script", "both"])(
  "an SDK that a worker thread registers itself has all to itself, from tracers that were handed out before too: %s",
  async (build) => {
    const { stdout: said } = await traced(["sdk", build]);
    if (build !== "both") expect(said).toContain('["own",["alone < undefined","cell < load rows"');
    expect(families(receiver.spans)).toEqual(["ask < nobody", "check < decode", "decode < ask"]);
    expect(lost()).toBe(0);
  },
);

test.for([{ OTEL_EXPORTER_OTLP_ENDPOINT: "" }, { PINCHPOINT_TRACES: "off" }, { OTEL_TRACES_SAMPLER: "always_off" }])(
  "with %j there is none, and the API is as it is bare",
  async (environment) => {
    await traced(["plain"], { UNTRACED: "true", ...environment });
    expect(receiver.spans).toEqual([]);
  },
);
