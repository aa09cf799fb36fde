import { expect } from "vitest";
import type { OtlpReceiver, ReceivedSpan } from "./otlp-receiver.ts";
import { bare, type Ended, NODE, PRELOAD, startProgram } from "./program.ts";

/** Runs an application bare, and recorded with its spans kept; what it prints and how it ends must be the same. */
export async function tracedAsBare(
  receiver: OtlpReceiver,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const recorded = startProgram(NODE, ["--require", PRELOAD, ...words], {
    environment: {
      PINCHPOINT_PORT: "off",
      PINCHPOINT_TRACES: "100000",
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      ...environment,
    },
  });
  const [alone, ended] = await Promise.all([bare(words), recorded.ended]);
  expect(ended).toEqual(alone);
  expect(alone).toMatchObject({ code: 0, stderr: "" });
  return ended;
}

/** Who is whose child, as `child < parent`, but for what only finds out whether spans are kept. */
export function families(spans: readonly ReceivedSpan[]): readonly string[] {
  const parentOf = ({ parentSpanId: id }: ReceivedSpan) =>
    id === "" ? "nobody" : (spans.find(({ spanId }) => spanId === id)?.name ?? id);
  return spans
    .filter(({ name }) => name !== "begin")
    .map((span) => `${span.name} < ${parentOf(span)}`)
    .sort();
}
