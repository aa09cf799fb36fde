import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import protobuf from "protobufjs";

export type Attributes = Readonly<Record<string, string | number>>;

export interface ReceivedSpan {
  readonly service: unknown;
  readonly scope: string;
  readonly traceId: string;
  readonly spanId: string;
  /** "" for the first of its trace. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: "internal" | "server" | "client" | "producer" | "consumer";
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  readonly hasFailed: boolean;
  /** Names, in their order. */
  readonly events: readonly string[];
}

export interface ReceivedPoint {
  readonly metric: string;
  readonly attributes: Attributes;
  /** As OTLP numbers it: 1 = delta, 2 = cumulative; 0 for a gauge, which has none. */
  readonly temporality: number;
  /** Of a counter or a gauge. */
  readonly value?: number;
  readonly histogram?: {
    readonly count: number;
    readonly sum: number;
    readonly scale: number;
    readonly offset: number;
    readonly counts: readonly number[];
  };
}

/** What a receiver does with a request: takes it, refuses it, or never answers. */
export type Manner = "takes" | "refuses" | "hangs";

/** Whoever receives OTLP by HTTP, as protobuf. */
export interface OtlpReceiver {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** Of the last export of metrics. */
  readonly points: () => readonly ReceivedPoint[];
  /** Of each export of metrics. */
  readonly exports: readonly (readonly ReceivedPoint[])[];
  readonly resource: () => Attributes;
  readonly requests: readonly string[];
  close(): Promise<void>;
}

export async function startReceiver(manner: Manner = "takes"): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const requests: string[] = [];
  const exports: (readonly ReceivedPoint[])[] = [];
  let resource: Attributes = {};
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    requests.push(`${request.method} ${request.url} ${request.headers["content-type"]}`);
    if (manner === "hangs") return;
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts);
    if (request.url === "/v1/traces") spans.push(...spansIn(body));
    else if (request.url === "/v1/metrics") {
      const received = metricsIn(body);
      exports.push(received.points);
      resource = received.resource;
    }
    response.writeHead(manner === "refuses" ? 400 : 200, { "content-type": "application/x-protobuf" }).end();
  };
  const server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    points: () => exports.at(-1) ?? [],
    exports,
    resource: () => resource,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The part of OTLP that is read here, by the field numbers of opentelemetry-proto 1.7. */
const OTLP = protobuf.parse(`
  syntax = "proto3";
  message AnyValue { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message Scope { string name = 1; }
  message Status { int32 code = 3; }
  message Event { fixed64 time = 1; string name = 2; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
    fixed64 start = 7; fixed64 end = 8; repeated KeyValue attributes = 9; repeated Event events = 11; Status status = 15;
  }
  message ScopeSpans { Scope scope = 1; repeated Span spans = 2; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Traces { repeated ResourceSpans resource_spans = 1; }
  message NumberPoint { repeated KeyValue attributes = 7; double as_double = 4; sfixed64 as_int = 6; }
  message Buckets { sint32 offset = 1; repeated uint64 bucket_counts = 2; }
  message ExponentialPoint {
    repeated KeyValue attributes = 1; fixed64 count = 4; double sum = 5; sint32 scale = 6; fixed64 zero_count = 7;
    Buckets positive = 8;
  }
  message Numbers { repeated NumberPoint data_points = 1; int32 temporality = 2; }
  message Exponentials { repeated ExponentialPoint data_points = 1; int32 temporality = 2; }
  message Metric { string name = 1; Numbers gauge = 5; Numbers sum = 7; Exponentials exponential_histogram = 10; }
  message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
  message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
  message Metrics { repeated ResourceMetrics resource_metrics = 1; }
`).root;

const KINDS = ["internal", "internal", "server", "client", "producer", "consumer"] as const;
const FAILED = 2;
const LISTS = { longs: Number, bytes: Array, defaults: true, arrays: true } as const;

// biome-ignore lint/suspicious/noExplicitAny: as the messages above have it
type Message = any;

function messageOf(type: string, body: Buffer): Message {
  const found = OTLP.lookupType(type);
  return found.toObject(found.decode(body), LISTS);
}

function spansIn(body: Buffer): ReceivedSpan[] {
  return messageOf("Traces", body).resourceSpans.flatMap(({ resource, scopeSpans }: Message) =>
    scopeSpans.flatMap(({ scope, spans }: Message) =>
      spans.map((span: Message) => ({
        service: attributesOf(resource.attributes)["service.name"],
        scope: scope.name,
        traceId: hexOf(span.traceId),
        spanId: hexOf(span.spanId),
        parentSpanId: hexOf(span.parentSpanId),
        name: span.name,
        kind: KINDS[span.kind],
        startMs: span.start / 1e6,
        endMs: span.end / 1e6,
        attributes: attributesOf(span.attributes),
        hasFailed: span.status?.code === FAILED,
        events: span.events.map(({ name }: Message) => name),
      })),
    ),
  );
}

function metricsIn(body: Buffer): { points: ReceivedPoint[]; resource: Attributes } {
  const { resourceMetrics } = messageOf("Metrics", body);
  const metrics: Message[] = resourceMetrics.flatMap(({ scopeMetrics }: Message) =>
    scopeMetrics.flatMap(({ metrics: ofScope }: Message) => ofScope),
  );
  const points = metrics.flatMap(({ name, gauge, sum, exponentialHistogram }) => [
    ...[...(gauge?.dataPoints ?? []), ...(sum?.dataPoints ?? [])].map((point) => ({
      metric: name,
      attributes: attributesOf(point.attributes),
      temporality: sum?.temporality ?? 0,
      value: point.asDouble + point.asInt,
    })),
    ...(exponentialHistogram?.dataPoints ?? []).map((point: Message) => ({
      metric: name,
      attributes: attributesOf(point.attributes),
      temporality: exponentialHistogram.temporality,
      histogram: {
        count: point.count,
        sum: point.sum,
        scale: point.scale,
        offset: point.positive.offset,
        counts: point.positive.bucketCounts,
      },
    })),
  ]);
  return { points, resource: attributesOf(resourceMetrics[0]?.resource?.attributes ?? []) };
}

function attributesOf(list: Message[]): Attributes {
  return Object.fromEntries(
    list.map(({ key, value }) => [key, value.stringValue || value.intValue || value.doubleValue || ""]),
  );
}

function hexOf(bytes: number[]): string {
  return Buffer.from(bytes).toString("hex");
}
