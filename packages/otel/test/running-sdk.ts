import { context, metrics, propagation, trace } from "@opentelemetry/api";
import { NodeSDK } from "@opentelemetry/sdk-node";
import type { SpanRecord, TraceContext } from "@pinchpoint/probe";
import { afterEach } from "vitest";
import { registeredApi } from "../src/api-global.ts";
import { ApiTracing } from "../src/api-tracing.ts";
import { isComplete } from "../src/otlp.ts";
import type { PresetIds } from "../src/preset-ids.ts";

type Processors = NonNullable<NonNullable<ConstructorParameters<typeof NodeSDK>[0]>["spanProcessors"]>;
type EndedSpan = Parameters<Processors[number]["onEnd"]>[0];

export const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
export const SPAN_ID = "b7ad6b7169203331";
export const REMOTE: TraceContext = { traceId: TRACE_ID, spanId: SPAN_ID, isSampled: true, state: "vendor=1" };
/** The recorder's clock read 0 then. */
export const CLOCK_ORIGIN_MS = 1_700_000_000_250;

const running: NodeSDK[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((sdk) => sdk.shutdown()));
  for (const api of [trace, context, propagation, metrics]) api.disable();
});

export interface RunningSdk {
  readonly tracing: ApiTracing;
  /** In the order of their ends. */
  readonly ended: readonly EndedSpan[];
}

/** The real SDK, registered until the test ends: with our source of ids, or as an application has it. */
export function startSdk(ids: PresetIds | null = null): RunningSdk {
  const ended: EndedSpan[] = [];
  const sdk = new NodeSDK({
    autoDetectResources: false,
    metricReaders: [],
    logRecordProcessors: [],
    spanProcessors: [
      {
        onStart: () => {},
        onEnd: (span) => void ended.push(span),
        forceFlush: async () => {},
        shutdown: async () => {},
      },
    ],
    ...(ids === null ? {} : { idGenerator: ids }),
  });
  sdk.start();
  running.push(sdk);
  const api = registeredApi();
  if (!isComplete(api)) throw new Error("the SDK did not register");
  return { tracing: new ApiTracing({ api, ids, clockOriginMs: CLOCK_ORIGIN_MS }), ended };
}

/** A span of a worker thread. */
export function spanRecord(parts: Partial<SpanRecord> = {}): SpanRecord {
  return {
    name: "score",
    kind: "internal",
    startMs: 10,
    endMs: 12.5,
    outcome: "ok",
    attributes: { "pinchpoint.items": 3 },
    traceId: TRACE_ID,
    spanId: "1".repeat(16),
    parentSpanId: SPAN_ID,
    state: "",
    ...parts,
  };
}
