import { Duplex, Readable, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { STATES, systemClock } from "@pinchpoint/probe";
import fc from "fast-check";
import { expect, test } from "vitest";
import { observe } from "./observation.ts";
import { Trace, turns } from "./trace.ts";

interface Part {
  readonly waitTurns: number;
  readonly highWaterMark: number;
  /** Chunks that it makes of one. */
  readonly outputs: number;
}
interface Plan {
  readonly source: Part & { readonly kind: "reads" | "generates" | "pushes"; readonly items: number };
  readonly middles: readonly (Part & { readonly kind: "transform" | "duplex" })[];
  readonly sink: Part & { readonly takesTogether: boolean };
  /** Which chunk goes wrong, where, and how. */
  readonly trouble: { readonly at: number; readonly part: number; readonly kind: "error" | "destroy" } | null;
}

const part = { waitTurns: fc.nat(3), highWaterMark: fc.integer({ min: 1, max: 5 }), outputs: fc.nat(3) };
const plans: fc.Arbitrary<Plan> = fc.record({
  source: fc.record({ ...part, kind: fc.constantFrom("reads", "generates", "pushes"), items: fc.nat(20) }),
  middles: fc.array(fc.record({ ...part, kind: fc.constantFrom("transform", "transform", "duplex") }), {
    maxLength: 3,
  }),
  sink: fc.record({ ...part, takesTogether: fc.boolean() }),
  trouble: fc.option(fc.record({ at: fc.nat(15), part: fc.nat(3), kind: fc.constantFrom("error", "destroy") })),
});

/** Runs `work` at once, or some turns of the event loop later. */
function after(count: number, work: () => void): void {
  if (count === 0) work();
  else turns(count).then(work);
}

function sourceOf({ source }: Plan, trace: Trace): Readable {
  const options = { objectMode: true, highWaterMark: source.highWaterMark };
  let next = 0;
  const pushNext = (stream: Readable) => {
    if (stream.destroyed) return;
    trace.add("pushed", next, stream.push(next < source.items ? next : null));
    next += 1;
  };
  if (source.kind === "reads") {
    return new Readable({
      ...options,
      read() {
        after(source.waitTurns, () => pushNext(this));
      },
    });
  }
  if (source.kind === "pushes") {
    const stream = new Readable({ ...options, read() {} });
    const pushAll = (): void => {
      pushNext(stream);
      if (next <= source.items && !stream.destroyed) after(source.waitTurns + 1, pushAll);
    };
    after(1, pushAll);
    return stream;
  }
  async function* chunks() {
    for (; next < source.items; next++) {
      if (source.waitTurns > 0) await turns(source.waitTurns);
      yield next;
    }
  }
  return Readable.from(chunks(), options);
}

function streamsOf(plan: Plan, trace: Trace): [Readable, ...Duplex[], Writable] {
  const goesWrong = (stream: Writable, index: number, count: number): Error | null => {
    const { trouble } = plan;
    if (trouble === null || trouble.at !== count || trouble.part !== index) return null;
    const error = new Error(`trouble in ${index}`);
    if (trouble.kind === "destroy") stream.destroy(error);
    return trouble.kind === "error" ? error : null;
  };
  const middles = plan.middles.map(({ kind, waitTurns, highWaterMark, outputs }, index) => {
    const options = { objectMode: true, highWaterMark };
    let count = 0;
    const transform: Transform["_transform"] = function (this: Transform, chunk, _, callback) {
      trace.add("middle", index, chunk);
      const error = goesWrong(this, index, count++);
      after(waitTurns, () => {
        if (kind === "transform" || !this.destroyed) for (let i = 1; i < outputs; i++) trace.add(this.push(chunk));
        if (outputs > 0 && kind === "transform") callback(error, chunk);
        else callback(error);
      });
    };
    const middle =
      kind === "transform"
        ? new Transform({ ...options, transform })
        : new Duplex({
            ...options,
            read() {},
            write: transform,
            final: (callback) => {
              middle.push(null);
              callback();
            },
          });
    return trace.follow(`middle ${index}`, middle);
  });
  let count = 0;
  const { waitTurns, highWaterMark, takesTogether } = plan.sink;
  const sink = new Writable({
    objectMode: true,
    highWaterMark,
    write(chunk, _, callback) {
      trace.add("sink", chunk);
      const error = goesWrong(this, 3, count++);
      after(waitTurns, () => callback(error));
    },
    ...(takesTogether && {
      writev: (chunks, callback) => {
        trace.add(
          "sink",
          chunks.map(({ chunk }) => chunk),
        );
        after(waitTurns, callback);
      },
    }),
  });
  return [trace.follow("source", sourceOf(plan, trace)), ...middles, trace.follow("sink", sink)];
}

async function run(plan: Plan): Promise<{ trace: Trace; wallSeconds: number }> {
  const trace = new Trace();
  const startMs = performance.now();
  await pipeline(streamsOf(plan, trace)).then(
    () => trace.add("done"),
    (error) => trace.add("failed", error),
  );
  await turns(10);
  return { trace, wallSeconds: (performance.now() - startMs) / 1000 };
}

test("any pipeline behaves as it does bare, and what is recorded of it adds up", async () => {
  const check = async (plan: Plan) => {
    const bare = await run(plan);
    const observed = observe(systemClock());
    const instrumented = await run(plan);
    observed.attachment.detach();
    expect(instrumented.trace.lines).toEqual(bare.trace.lines);
    const { stageRows, losses } = observed.recorder.snapshot();
    expect(losses).toEqual({});
    expect(stageRows.length).toBeGreaterThanOrEqual(plan.middles.length + 2);
    for (const row of stageRows) {
      expect(row.arrived).toBe(row.items + row.errors + row.dropped);
      expect(row.stateWorkers).toEqual(STATES.map(() => 0));
      expect(Math.min(...row.stateSeconds)).toBeGreaterThan(-1e-9);
      const seconds = row.stateSeconds.reduce((sum, one) => sum + one, 0);
      expect(seconds).toBeLessThanOrEqual(instrumented.wallSeconds + 1e-6);
      expect(row.loopHeldSeconds).toBeLessThanOrEqual(instrumented.wallSeconds + 1e-6);
    }
  };
  await fc.assert(fc.asyncProperty(plans, check), { numRuns: 150 });
});
