import { beforeEach, expect, test } from "vitest";
import type { Span } from "../src/span.ts";
import type { TraceContext } from "../src/trace-context.ts";
import { Traces } from "../src/traces.ts";
import type { SpanStart, Tracing } from "../src/tracing.ts";
import { SAMPLED, SPAN_ID, spanStart, UNSAMPLED } from "./kept-spans.ts";

/** Notes what it is asked for. Each of its methods can be broken, by name. */
class NotedTracing implements Tracing {
  readonly notes: string[] = [];
  broken = "";

  active(): TraceContext | null {
    this.#note("active");
    return SAMPLED;
  }

  begin(start: SpanStart, parent: TraceContext | null) {
    this.#note("begin", start.name, parent === null ? "as root" : `under ${parent.spanId}`);
    const note = this.#note.bind(this);
    return {
      context: { ...SAMPLED, spanId: "1".repeat(16) },
      headers: (): (readonly [string, string])[] => {
        note("headers");
        return [["traceparent", "told"]];
      },
      set: (attributes: object) => note("set", JSON.stringify(attributes)),
      end: (atMs: number, outcome: string) => note("end", String(atMs), outcome),
      within: <T>(run: () => T): T => {
        note("within");
        const returned = run();
        note("after");
        return returned;
      },
    };
  }

  inside<T>(context: TraceContext, run: () => T): T {
    this.#note("inside", context.spanId);
    return run();
  }

  outside<T>(run: () => T): T {
    this.#note("outside");
    return run();
  }

  contextOf(): TraceContext | null {
    this.#note("contextOf");
    return SAMPLED;
  }

  #note(...words: readonly string[]): void {
    if (words[0] === this.broken) throw new Error(`${this.broken} is broken`);
    this.notes.push(words.join(" "));
  }
}

let tracing: NotedTracing;
let lost: number;
let traces: Traces;
beforeEach(() => {
  tracing = new NotedTracing();
  lost = 0;
  traces = new Traces(() => {
    lost += 1;
  });
});

const ways = ["child", "root", "oneOfMany"] as const;
const isKept = (span: Span | null): boolean => span?.context != null;

test("until somebody keeps spans there are none, and nobody is asked", () => {
  expect(traces.isOn).toBe(false);
  for (const way of ways) expect(traces[way](spanStart("score"), SAMPLED)).toBeNull();
  expect(traces.active()).toBeNull();
  expect(traces.told({ traceparent: "told" })).toBeNull();
  expect(lost).toBe(0);
});

test("from then on that nobody keeps them any more, there are none again", () => {
  traces.keepBy(tracing);
  expect(traces.isOn).toBe(true);
  traces.keepBy(null);
  expect(traces.isOn).toBe(false);
  for (const way of ways) expect(traces[way](spanStart("score"), SAMPLED)).toBeNull();
  expect(tracing.notes).toEqual([]);
});

test.each<[(typeof ways)[number], string, TraceContext | null, string | null]>([
  ["child", "sampled", SAMPLED, `begin score under ${SPAN_ID}`],
  ["child", "unsampled", UNSAMPLED, null],
  ["child", "no", null, null],
  ["root", "sampled", SAMPLED, `begin score under ${SPAN_ID}`],
  ["root", "unsampled", UNSAMPLED, null],
  ["root", "no", null, "begin score as root"],
  ["oneOfMany", "sampled", SAMPLED, `begin score under ${SPAN_ID}`],
  ["oneOfMany", "unsampled", UNSAMPLED, null],
  ["oneOfMany", "no", null, "begin score as root"],
])("%s with %s parent does as the parent does", (way, _, parent, begun) => {
  traces.keepBy(tracing);
  const span = traces[way](spanStart("score"), parent);
  expect(tracing.notes).toEqual(begun === null ? [] : [begun]);
  expect(span).not.toBeNull();
  expect(isKept(span)).toBe(begun !== null);
});

/** How many of hand-overs that come one a millisecond begin a trace. */
function kept(way: (typeof ways)[number], fromMs: number, untilMs: number, parent: TraceContext | null, name: string) {
  let count = 0;
  for (let atMs = fromMs; atMs < untilMs; atMs++) if (isKept(traces[way](spanStart(name, atMs), parent))) count += 1;
  return count;
}

test("traces begin at a steady rate, whatever comes", () => {
  traces.keepBy(tracing);
  expect(kept("root", 0, 1000, null, "score")).toBe(100);
  for (let second = 1; second < 4; second++) {
    expect(kept("root", second * 1000, second * 1000 + 100, null, "score")).toBe(10);
  }
  traces.keepBy(tracing, 4);
  expect(kept("root", 10_000, 12_000, null, "score")).toBe(8);
});

test("one stage does not take another's place, and a child takes nobody's", () => {
  traces.keepBy(tracing, 10);
  const at = (way: (typeof ways)[number], name: string, parent: TraceContext | null) =>
    isKept(traces[way](spanStart(name, 5), parent));
  expect(at("root", "score", null)).toBe(true);
  expect(at("root", "score", null)).toBe(false);
  expect(at("root", "store", null)).toBe(true);
  expect(at("root", "score", SAMPLED)).toBe(true);
  expect(at("child", "score", SAMPLED)).toBe(true);
  expect(at("oneOfMany", "read", SAMPLED)).toBe(true);
  expect(at("oneOfMany", "read", SAMPLED)).toBe(false);
});

test("spans of one stage that have several names, as requests have, share its place", () => {
  traces.keepBy(tracing);
  const at = (name: string, stage: string) =>
    isKept(traces.root({ ...spanStart(name), attributes: { "pinchpoint.stage.name": stage } }, null));
  expect([at("GET", "http-server"), at("POST", "http-server"), at("GET", "http-server#2")]).toEqual([
    true,
    false,
    true,
  ]);
});

test("who has slept catches nothing up", () => {
  traces.keepBy(tracing, 10);
  expect(kept("root", 0, 1, null, "score")).toBe(1);
  expect(kept("root", 60_000, 60_100, null, "score")).toBe(1);
});

test("what goes on with a trace goes by the object that carries it", () => {
  traces.keepBy(tracing);
  const span = traces.root(spanStart("read"), null);
  const [item, other] = [{}, {}];
  traces.carry(item, span);
  expect(traces.carriedBy(item)).toBe(span?.context);
  expect(traces.carriedBy(other)).toBeNull();
  const none = traces.child(spanStart("read"), null);
  traces.carry(other, none);
  traces.carry(other, null);
  expect(traces.carriedBy(other)).toBeNull();
  for (const value of [null, undefined, 7, "text"]) {
    traces.carry(value, span);
    expect(traces.carriedBy(value)).toBeNull();
  }
});

test("who waits to be wanted begins then, at the rate that is wanted, and asks no more", () => {
  let perSecond = 0;
  let asked = 0;
  let made = 0;
  traces.keepWhen(
    () => {
      asked += 1;
      return perSecond;
    },
    () => {
      made += 1;
      return tracing;
    },
  );
  expect(traces.root(spanStart("score"), null)).toBeNull();
  expect([asked, made]).toEqual([1, 0]);
  perSecond = 10;
  expect(kept("root", 0, 1000, null, "score")).toBe(10);
  expect([asked, made]).toEqual([2, 1]);
});

test("a span tells its headers, is set, and ends once; after its end nothing is set", () => {
  traces.keepBy(tracing);
  const span = traces.root(spanStart("score"), null);
  expect(span?.headers()).toEqual([["traceparent", "told"]]);
  expect(span?.within(() => 7)).toBe(7);
  span?.set({ a: 1 });
  span?.end(5, "failed");
  span?.set({ a: 2 });
  span?.end(6, "ok");
  expect(tracing.notes).toEqual(["begin score as root", "headers", "within", "after", 'set {"a":1}', "end 5 failed"]);
});

test("what belongs to no trace runs outside, tells nothing and has no end", () => {
  traces.keepBy(tracing);
  const span = traces.child(spanStart("score"), UNSAMPLED);
  expect(span?.context).toBeNull();
  expect(span?.headers()).toEqual([]);
  span?.set({ a: 1 });
  span?.end(1, "ok");
  expect(span?.within(() => 7)).toBe(7);
  expect(tracing.notes).toEqual(["outside"]);
  expect(traces.child(spanStart("store"), UNSAMPLED)).toBe(span);
});

test.each<[string, (span: Span | null) => unknown, unknown]>([
  ["active", () => traces.active(), null],
  ["contextOf", () => traces.told({}), null],
  ["headers", (span) => span?.headers(), []],
  ["set", (span) => span?.set({ a: 1 }), undefined],
  ["end", (span) => span?.end(1, "ok"), undefined],
  ["begin", () => traces.child(spanStart("score"), SAMPLED)?.context, null],
  ["within", (span) => span?.within(() => 7), 7],
  ["after", (span) => span?.within(() => 7), 7],
  ["outside", () => traces.child(spanStart("score"), UNSAMPLED)?.within(() => 7), 7],
])("a tracing whose %s throws is counted, and reaches nobody", (broken, act, answer) => {
  traces.keepBy(tracing);
  const span = traces.root(spanStart("score"), null);
  tracing.broken = broken;
  expect(act(span)).toEqual(answer);
  expect(lost).toBe(1);
});

test.each(["none", "after"])(
  "what runs within a span runs once and throws its own error, where %s is broken",
  (broken) => {
    traces.keepBy(tracing);
    const span = traces.root(spanStart("score"), null);
    tracing.broken = broken;
    let runs = 0;
    const run = () => {
      runs += 1;
      throw new RangeError("of the application");
    };
    expect(() => span?.within(run)).toThrow(new RangeError("of the application"));
    expect({ runs, lost }).toEqual({ runs: 1, lost: 0 });
  },
);
