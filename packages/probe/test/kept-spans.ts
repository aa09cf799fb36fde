import type { SpanIds } from "../src/span-ids.ts";
import { SPAN_RING_BYTES, type SpanRecord, SpanRing } from "../src/span-ring.ts";
import { ThreadTracer } from "../src/thread-tracer.ts";
import type { TraceContext } from "../src/trace-context.ts";
import type { SpanStart } from "../src/tracing.ts";

export const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
export const SPAN_ID = "b7ad6b7169203331";
export const SAMPLED: TraceContext = { traceId: TRACE_ID, spanId: SPAN_ID, isSampled: true, state: "" };
export const UNSAMPLED: TraceContext = { ...SAMPLED, isSampled: false };
/** The context as a caller tells it. */
export const PARENT: string = `00-${TRACE_ID}-${SPAN_ID}-01`;

export interface RingMemory {
  readonly ring: SpanRing;
  /** Where the writer and the reader are, and what the thread has left open. */
  readonly words: Int32Array;
}

export function newRing(): RingMemory {
  const buffer = new SharedArrayBuffer(SPAN_RING_BYTES);
  return { ring: new SpanRing(buffer, 0), words: new Int32Array(buffer, 0, 4) };
}

export interface TracerParts {
  readonly rootShare?: number;
  readonly ids?: SpanIds;
}

export function newTracer({ rootShare = 1, ids }: TracerParts = {}): RingMemory & { readonly tracer: ThreadTracer } {
  const memory = newRing();
  const options = { propagators: ["tracecontext"], rootShare, attributes: { "thread.id": 3 } } as const;
  return { ...memory, tracer: new ThreadTracer(memory.ring, ids === undefined ? options : { ...options, ids }) };
}

export function spanStart(name: string, atMs = 0): SpanStart {
  return { name, kind: "internal", atMs, attributes: {} };
}

export function spanRecord(parts: Partial<SpanRecord> = {}): SpanRecord {
  return {
    name: "score",
    kind: "internal",
    startMs: 1,
    endMs: 2.5,
    outcome: "ok",
    attributes: { "pinchpoint.items": 3 },
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    parentSpanId: null,
    state: "",
    ...parts,
  };
}

/** Who is whose child, as `score < read` in the order of their ends; what has another's parent is `< elsewhere`. */
export function family(records: readonly SpanRecord[]): readonly string[] {
  return records.map(({ name, parentSpanId }) => {
    if (parentSpanId === null) return name;
    return `${name} < ${records.find(({ spanId }) => spanId === parentSpanId)?.name ?? "elsewhere"}`;
  });
}
