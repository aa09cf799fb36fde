import { contextOf, contextOfText, type TraceContext, textOfContext } from "./trace-context.ts";

/** Header names are in lower case; a header that came twice is a list. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** How contexts go over the wire: from OTEL_PROPAGATORS, with commas between the names; baggage is not told here. */
export type Propagator = "tracecontext" | "b3" | "b3multi";

/** Headers by which somebody else may have told their context already. */
const TOLD_BY: readonly string[] = ["traceparent", "b3", "x-b3-traceid", "x-datadog-trace-id", "sentry-trace"];

/** Vendors' own: longer ones may be cut (W3C Trace Context, 3.3.1.5), and foreign text is not kept without a bound. */
const MOST_STATE = 512;

/** @param text - as OTEL_PROPAGATORS has it; unknown names are left out */
export function propagatorsOf(text: string | undefined): readonly Propagator[] {
  const names = (text || "tracecontext").split(",").map((name) => name.trim());
  if (names.includes("none")) return [];
  return names.filter((name): name is Propagator => Object.hasOwn(PROPAGATORS, name));
}

/** Whether whoever sends these headers told a context of their own. */
export function tellContext(has: (name: string) => boolean): boolean {
  return TOLD_BY.some(has);
}

export function headersOf(context: TraceContext, propagators: readonly Propagator[]): (readonly [string, string])[] {
  return propagators.flatMap((name) => PROPAGATORS[name].write(context));
}

/** What the headers tell; of several, the propagator that was named first has the word. */
export function contextOfHeaders(headers: Headers, propagators: readonly Propagator[]): TraceContext | null {
  for (const name of propagators) {
    const context = PROPAGATORS[name].read(headers);
    if (context !== null) return context;
  }
  return null;
}

interface Format {
  readonly write: (context: TraceContext) => (readonly [string, string])[];
  readonly read: (headers: Headers) => TraceContext | null;
}

/** https://github.com/openzipkin/b3-propagation: both forms are read, whichever is written. */
function readB3(headers: Headers): TraceContext | null {
  const single = one(headers, "b3");
  if (single !== null) {
    const [traceId = "", spanId = "", sampling = ""] = single.toLowerCase().split("-");
    return contextOf(padded(traceId), spanId, isSampledB3(sampling), "");
  }
  const traceId = one(headers, "x-b3-traceid")?.toLowerCase() ?? "";
  const sampling = one(headers, "x-b3-flags") === "1" ? "d" : (one(headers, "x-b3-sampled") ?? "");
  return contextOf(padded(traceId), one(headers, "x-b3-spanid")?.toLowerCase() ?? "", isSampledB3(sampling), "");
}

const PROPAGATORS: Readonly<Record<Propagator, Format>> = {
  tracecontext: {
    write: (context) => [
      ["traceparent", textOfContext(context)],
      ...(context.state === "" ? [] : [["tracestate", context.state] as const]),
    ],
    read: (headers) => {
      const parent = one(headers, "traceparent");
      const state = one(headers, "tracestate") ?? "";
      return parent === null ? null : contextOfText(parent, state.length > MOST_STATE ? "" : state);
    },
  },
  b3: {
    write: ({ traceId, spanId, isSampled }) => [["b3", `${traceId}-${spanId}-${isSampled ? "1" : "0"}`]],
    read: readB3,
  },
  b3multi: {
    write: ({ traceId, spanId, isSampled }) => [
      ["x-b3-traceid", traceId],
      ["x-b3-spanid", spanId],
      ["x-b3-sampled", isSampled ? "1" : "0"],
    ],
    read: readB3,
  },
};

/** Where nothing is said, the receiver decides: and it records. */
function isSampledB3(text: string): boolean {
  return text !== "0" && text !== "false";
}

/** Ids of 64 bits are filled up from the left. */
function padded(traceId: string): string {
  return traceId.length === 16 ? traceId.padStart(32, "0") : traceId;
}

function one(headers: Headers, name: string): string | null {
  const value = headers[name];
  return typeof value === "string" ? value : (value?.[0] ?? null);
}
