// Knows nothing of Pinchpoint, and has no stages: a worker thread makes spans, until they are kept, in a second or so.
const { setTimeout: wait } = require("node:timers/promises");
const { isMainThread, Worker } = require("node:worker_threads");

async function makeSpans() {
  const { trace } = require("@opentelemetry/api");
  const tracer = trace.getTracer("library");
  for (let count = 0; count < 300; count++) {
    const isKept = tracer.startActiveSpan("outer", (outer) => {
      tracer.startSpan("inner").end();
      outer.end();
      return outer.spanContext().traceFlags === 1;
    });
    if (isKept || process.env.UNTRACED) return;
    await wait(10);
  }
}

if (isMainThread) new Worker(__filename).once("exit", (code) => console.log("end", code));
else void makeSpans();
