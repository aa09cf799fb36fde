import { AsyncLocalStorage } from "node:async_hooks";
import { Duplex, PassThrough, Readable, Transform, type TransformCallback, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { systemClock } from "@pinchpoint/probe";
import { expect, test } from "vitest";
import { observe } from "./observation.ts";
import { Trace, turns } from "./trace.ts";

const object = { objectMode: true, highWaterMark: 2 };
type Scenario = (trace: Trace) => Promise<unknown>;

const counted = (trace: Trace, count = 6) => {
  let next = 0;
  const read = function (this: Readable, size: number) {
    trace.add("read", this, size);
    trace.add("push", this.push(next < count ? next : null));
    next += 1;
  };
  return trace.follow("source", new Readable({ ...object, read }));
};
const doubling = (trace: Trace, label = "double") =>
  trace.follow(
    label,
    new Transform({
      ...object,
      transform(chunk, encoding, callback) {
        trace.add("transform", this, chunk, encoding, callback);
        trace.add("pushed", this.push(chunk * 2));
        trace.add("called back", callback());
      },
      flush(callback) {
        trace.add("flush", this, callback);
        callback(null, -1);
      },
    }),
  );
const storing = (trace: Trace, wait = 1) =>
  trace.follow(
    "sink",
    new Writable({
      ...object,
      write(chunk, encoding, callback) {
        trace.add("write", this, chunk, encoding, callback);
        if (wait === 0) trace.add("called back", callback());
        else turns(wait).then(() => trace.add("called back", callback()));
      },
      final(callback) {
        trace.add("final", this, callback);
        callback();
      },
    }),
  );
const outcome = (trace: Trace, work: Promise<unknown>) =>
  work.then(
    (value) => trace.add("resolved", value),
    (error) => trace.add("rejected", error),
  );
const failing = (label: string, transform: (this: Transform, chunk: number, callback: TransformCallback) => void) => {
  const scenario: Scenario = async (trace) => {
    const middle = new Transform({
      ...object,
      transform(chunk, _, callback) {
        trace.add("transform", chunk);
        Reflect.apply(transform, this, [chunk, callback]);
      },
    });
    await outcome(trace, pipeline(counted(trace), trace.follow("middle", middle), storing(trace)));
    await turns(5);
  };
  return [label, scenario] as const;
};

const scenarios: readonly (readonly [string, Scenario])[] = [
  ["a pipeline", (trace) => outcome(trace, pipeline(counted(trace), doubling(trace), storing(trace)))],
  ["a pipeline on the thread", (trace) => outcome(trace, pipeline(counted(trace), doubling(trace), storing(trace, 0)))],
  [
    "pipe returns its destination",
    async (trace) => {
      const sink = storing(trace);
      trace.add(counted(trace).pipe(sink) === sink);
      await turns(50);
    },
  ],
  [
    "pipe is called with nonsense",
    async (trace) => {
      for (const nonsense of [undefined, null, 1, "sink", {}, []]) {
        try {
          Reflect.apply(Readable.prototype.pipe, counted(trace), [nonsense]);
        } catch (error) {
          trace.add((error as Error).name);
        }
      }
    },
  ],
  [
    "a stream is frozen",
    async (trace) => {
      try {
        counted(trace).pipe(Object.freeze(storing(trace)));
      } catch (error) {
        trace.add(error);
      }
    },
  ],
  failing("a callback brings an error", (chunk, callback) =>
    callback(chunk === 3 ? new Error("bad row") : null, chunk),
  ),
  failing("a transform throws", (chunk, callback) => {
    if (chunk === 3) throw new Error("bad row");
    callback(null, chunk);
  }),
  failing("a callback comes twice", (chunk, callback) => {
    callback(null, chunk);
    if (chunk === 3) callback(null, chunk);
  }),
  failing("a callback comes twice, later", (chunk, callback) => {
    callback(null, chunk);
    if (chunk === 3) turns(1).then(() => callback(null, chunk));
  }),
  failing("a callback never comes, and the stream is destroyed", function (chunk, callback) {
    if (chunk === 3) turns(1).then(() => this.destroy());
    else callback(null, chunk);
  }),
  failing("a callback comes after the stream is destroyed", function (chunk, callback) {
    if (chunk === 3) this.destroy(new Error("bad row"));
    turns(1).then(() => callback(null, chunk));
  }),
  failing("the output is ended in the middle", function (chunk, callback) {
    this.push(chunk === 3 ? null : chunk);
    callback();
  }),
  [
    "a sink calls back twice",
    async (trace) => {
      const write: Writable["_write"] = (_chunk, _encoding, callback) => {
        callback();
        callback();
      };
      await outcome(trace, pipeline(counted(trace), trace.follow("sink", new Writable({ ...object, write }))));
    },
  ],
  [
    "a sink is destroyed",
    async (trace) => {
      const sink = storing(trace);
      turns(3).then(() => sink.destroy());
      await outcome(trace, pipeline(counted(trace), doubling(trace), sink));
    },
  ],
  [
    "a pipeline is aborted",
    async (trace) => {
      const abort = new AbortController();
      turns(3).then(() => abort.abort());
      const { signal } = abort;
      await outcome(trace, pipeline(counted(trace), doubling(trace), storing(trace), { signal }));
    },
  ],
  [
    "a generator throws",
    async (trace) => {
      async function* rows() {
        yield 1;
        throw new Error("no rows");
      }
      await outcome(trace, pipeline(trace.follow("source", Readable.from(rows())), storing(trace)));
    },
  ],
  [
    "a read throws",
    async (trace) => {
      const read = () => {
        throw new Error("no rows");
      };
      await outcome(trace, pipeline(trace.follow("source", new Readable({ read })), storing(trace)));
    },
  ],
  [
    "chunks wait together, and a stream opens and closes",
    async (trace) => {
      const sink = new Writable({
        ...object,
        highWaterMark: 16,
        construct: (callback) => void turns(2).then(() => callback()),
        writev: (chunks, callback) => {
          trace.add("writev", chunks.length, callback);
          turns(1).then(() => callback());
        },
        final: (callback) => void turns(2).then(() => callback()),
        destroy: (error, callback) => {
          trace.add("destroy", error, callback);
          callback(error);
        },
      });
      await outcome(trace, pipeline(counted(trace), doubling(trace), trace.follow("sink", sink)));
    },
  ],
  [
    "a source feeds two sinks, is unpiped from one, and piped again",
    async (trace) => {
      const source = counted(trace, 20);
      const [first, second] = [storing(trace, 1), trace.follow("second", new PassThrough(object))];
      source.pipe(first);
      source.pipe(second).resume();
      await turns(4);
      source.unpipe(first);
      await turns(4);
      source.pipe(first);
      await turns(60);
    },
  ],
  [
    "streams are not destroyed by themselves",
    async (trace) => {
      const source = new Readable({ ...object, autoDestroy: false, read: () => void source.push(null) });
      const sink = new Writable({ ...object, autoDestroy: false, write: (_chunk, _encoding, callback) => callback() });
      trace.follow("source", source).pipe(trace.follow("sink", sink));
      await turns(5);
      trace.add(source.destroyed, sink.destroyed, sink.writableFinished);
    },
  ],
  [
    "a class calls super",
    async (trace) => {
      class Loud extends Transform {
        override _write(chunk: unknown, encoding: BufferEncoding, callback: TransformCallback): void {
          trace.add("_write", chunk, encoding, callback);
          super._write(chunk, encoding, callback);
        }
        override _transform(chunk: unknown, _: BufferEncoding, callback: TransformCallback): void {
          callback(null, chunk);
        }
        override push(chunk: unknown): boolean {
          const hasRoom = super.push(chunk);
          trace.add("push", chunk, hasRoom);
          return hasRoom;
        }
        override _read(size: number): void {
          trace.add("_read", size);
          super._read(size);
        }
      }
      await outcome(trace, pipeline(counted(trace), trace.follow("loud", new Loud(object)), storing(trace)));
    },
  ],
  [
    "methods are replaced after the stream is piped",
    async (trace) => {
      const middle = trace.follow("middle", new PassThrough(object));
      const sink = storing(trace);
      const done = pipeline(counted(trace), middle, sink);
      const { push, _transform } = middle;
      middle.push = function (chunk) {
        trace.add("push", chunk);
        return push.call(this, chunk);
      };
      middle._transform = function (chunk, encoding, callback) {
        trace.add("transform", chunk);
        _transform.call(this, chunk, encoding, callback);
      };
      sink._write = (chunk, _, callback) => {
        trace.add("replaced write", chunk);
        callback();
      };
      await outcome(trace, done);
    },
  ],
  [
    "names, lengths and keys are looked at",
    async (trace) => {
      const [source, middle, sink] = [counted(trace), doubling(trace), storing(trace)];
      source.pipe(middle).pipe(sink);
      for (const stream of [source, middle, sink]) {
        trace.add(Object.keys(stream).sort());
        const { _write, _read, _transform, _final, _flush, _destroy, push } = stream as unknown as Transform;
        trace.add(_write, _read, _transform, _final, _flush, _destroy, push);
      }
      trace.add(Readable.prototype.pipe, Object.keys(Readable.prototype));
      await turns(60);
    },
  ],
  [
    "methods are called by hand",
    async (trace) => {
      const sink = storing(trace, 0);
      counted(trace, 2).pipe(sink, { end: false });
      await turns(3);
      for (const args of [[1], [1, "utf8"], [1, "utf8", () => trace.add("mine"), "more"]]) {
        try {
          trace.add("returned", Reflect.apply(sink._write, sink, args));
        } catch (error) {
          trace.add(error);
        }
      }
      await turns(3);
    },
  ],
  [
    "a duplex is an echo",
    async (trace) => {
      const echo: Duplex = new Duplex({
        ...object,
        read() {},
        write: (chunk, _, callback) => {
          trace.add("echo", echo.push(chunk));
          callback();
        },
        final: (callback) => {
          echo.push(null);
          callback();
        },
      });
      await outcome(trace, pipeline(counted(trace), trace.follow("echo", echo), storing(trace)));
    },
  ],
  [
    "the context of the caller is asked for",
    async (trace) => {
      const context = new AsyncLocalStorage<string>();
      const asking = new Transform({
        ...object,
        transform: (chunk, _, callback) => {
          trace.add("context", context.getStore());
          turns(1).then(() => callback(null, chunk));
        },
      });
      const work = context.run("request 1", () => pipeline(counted(trace), asking, storing(trace)));
      await outcome(trace, work);
    },
  ],
];

test.for(scenarios)("an application sees the same when %s", async ([, scenario]) => {
  const bare = new Trace();
  await scenario(bare);
  await turns(60);
  const observed = observe(systemClock());
  const instrumented = new Trace();
  await scenario(instrumented);
  await turns(60);
  expect(instrumented.lines).toEqual(bare.lines);
  expect(bare.lines.length).toBeGreaterThan(0);
  const ends = observed.stages().map(({ arrived, items, errors, dropped }) => arrived - items - errors - dropped);
  expect(Math.min(0, ...ends)).toBe(0);
});

test("the error that an application gets is its own object", async () => {
  observe(systemClock());
  const failure = new Error("bad row");
  const middle = new Transform({ ...object, transform: (_chunk, _encoding, callback) => callback(failure) });
  await expect(pipeline(Readable.from([1]), middle, new PassThrough())).rejects.toBe(failure);
});
