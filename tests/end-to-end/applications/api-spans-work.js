import { setImmediate as turn } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { pipeline } from "pinchpoint";

/** @typedef {any} Api - of either build, whose types differ */

const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);

/**
 * @param {Api} api
 * @param {() => any} loadSdk
 */
export function makeSpans(api, loadSdk) {
  const { context, trace, SpanKind, SpanStatusCode } = api;
  // Before anybody keeps spans, as libraries do when they are loaded.
  const tracer = trace.getTracer("library", "1.2.3");
  const app = pipeline("api");
  const key = api.createContextKey("own");

  async function load() {
    const before = trace.getActiveSpan();
    await tracer.startActiveSpan("load", { kind: SpanKind.PRODUCER, attributes: { rows: [1, 2], kept: true } }, work);
    port.postMessage(["active as before", trace.getActiveSpan() === before, context.active().getValue(key) ?? "none"]);
  }

  /** @param {any} span */
  async function work(span) {
    span.setAttribute("size", 7).addEvent("half", { done: "50%" });
    await turn();
    app.stage("decode").run(() => {
      tracer.startSpan("row").end();
      context.with(context.active().setValue(key, 5), () =>
        app.stage("check").run(() => tracer.startSpan("cell").end()),
      );
    });
    await Promise.all(
      ["left", "right"].map((side) =>
        tracer.startActiveSpan(side, async (/** @type {any} */ half) => {
          await turn();
          tracer.startSpan(`${side} inner`).end();
          half.end();
        }),
      ),
    );
    tracer.startSpan("alone", { root: true }).end();
    const remote = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: 1 };
    const told = trace.setSpanContext(context.active(), remote);
    context.with(told, () => tracer.startSpan("told").end());
    tracer.startSpan("late", {}, told).end();
    context.bind(trace.deleteSpan(context.active()), () => tracer.startSpan("unbound").end())();
    span.recordException(new RangeError("too large"));
    span.setStatus({ code: SpanStatusCode.ERROR, message: "too large" }).updateName("load rows");
    span.end();
    span.end();
  }

  async function register() {
    const { NodeSDK } = await loadSdk();
    /** @type {any[]} */
    const spans = [];
    const nowhere = async () => {};
    const own = { onStart: () => {}, onEnd: spans.push.bind(spans), forceFlush: nowhere, shutdown: nowhere };
    new NodeSDK({
      autoDetectResources: false,
      metricReaders: [],
      logRecordProcessors: [],
      spanProcessors: [own],
    }).start();
    return () => {
      const nameOf = (/** @type {string | undefined} */ id) =>
        spans.find((one) => one.spanContext().spanId === id)?.name;
      const family = spans.map(({ name, parentSpanContext }) => `${name} < ${nameOf(parentSpanContext?.spanId)}`);
      port.postMessage(["own", family.sort()]);
    };
  }

  async function untilKept() {
    const isRecorded = Reflect.has(globalThis, Symbol.for("pinchpoint.recorder/v1"));
    while (isRecorded && process.env.UNTRACED === undefined) {
      const span = tracer.startSpan("begin");
      const isKept = span.isRecording();
      span.end();
      if (isKept) return;
      await turn();
    }
  }

  port.once("message", async () => {
    if (workerData !== "sdk") await untilKept();
    const tell = workerData === "sdk" ? await register() : null;
    await load();
    tell?.();
    if (workerData === "exit") {
      tracer.startSpan("last").end();
      process.exit(3);
    }
    if (workerData === "terminated") {
      tracer.startSpan("open");
      port.postMessage("enough");
      for (;;);
    }
    port.close();
  });
}
