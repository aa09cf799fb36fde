import { type Recorder, type SpanRecord, ThreadTracer } from "@pinchpoint/probe";

/** The spans of this thread from now on, in the order of their ends. */
export function keepSpans(recorder: Recorder): readonly SpanRecord[] {
  const records: SpanRecord[] = [];
  const ring = { begins: () => {}, ends: (record: SpanRecord) => records.push(record) > 0 };
  recorder.keepSpans(
    new ThreadTracer(ring as unknown as ConstructorParameters<typeof ThreadTracer>[0], {
      propagators: ["tracecontext"],
      rootShare: 1,
      attributes: {},
    }),
  );
  return records;
}

/** Who is whose child, as `score < read`, sorted. */
export function family(records: readonly SpanRecord[]): readonly string[] {
  const nameOf = (id: string) => records.find(({ spanId }) => spanId === id)?.name ?? "elsewhere";
  return records
    .map(({ name, parentSpanId }) => (parentSpanId === null ? name : `${name} < ${nameOf(parentSpanId)}`))
    .sort();
}
