// A small application with one of everything that is recorded by itself, which `pinchpoint doctor` runs to see whether
// it is seen. It knows nothing of Pinchpoint.

(function selfTestOfDoctor() {
  const { once } = require("node:events") as typeof import("node:events");
  const { createServer } = require("node:http") as typeof import("node:http");
  const { createRequire } = require("node:module") as typeof import("node:module");
  const { join } = require("node:path") as typeof import("node:path");
  const { Readable, Transform, Writable } = require("node:stream") as typeof import("node:stream");
  const { pipeline } = require("node:stream/promises") as typeof import("node:stream/promises");
  const { isMainThread, Worker } = require("node:worker_threads") as typeof import("node:worker_threads");

  const ITEMS = 100;
  const ECHO =
    "const { parentPort } = require('node:worker_threads'); parentPort.on('message', (m) => parentPort.postMessage(m));";

  interface Pool {
    run(task: unknown): Promise<unknown>;
    destroy(): Promise<void>;
  }
  type PoolClass = new (options: { filename: string; maxThreads: number }) => Pool;

  class DoctorSource extends Readable {
    #count = 0;

    constructor() {
      super({ objectMode: true });
    }

    override _read(): void {
      this.#count += 1;
      this.push(this.#count > ITEMS ? null : this.#count);
    }
  }

  class DoctorCalls extends Transform {
    readonly #calls: readonly (() => Promise<unknown>)[];

    constructor(calls: readonly (() => Promise<unknown>)[]) {
      super({ objectMode: true });
      this.#calls = calls;
    }

    override _transform(
      item: number,
      _encoding: BufferEncoding,
      callback: (error: Error | null, item?: number) => void,
    ): void {
      const call = this.#calls[item - 1];
      if (call === undefined) callback(null, item);
      else call().then(() => callback(null, item), callback);
    }
  }

  class DoctorSink extends Writable {
    constructor() {
      super({ objectMode: true });
    }

    override _write(_item: number, _encoding: BufferEncoding, callback: () => void): void {
      callback();
    }
  }

  async function selfTest(): Promise<void> {
    const server = createServer((_, response) => response.end("1")).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as import("node:net").AddressInfo;
    const worker = new Worker(ECHO, { eval: true });
    const pool = poolOfApplication();
    const ask = async () => {
      worker.postMessage(1);
      await once(worker, "message");
    };
    const fetchOnce = async () => (await fetch(`http://127.0.0.1:${port}/`)).text();
    await pipeline(
      new DoctorSource(),
      new DoctorCalls([fetchOnce, ask, ...(pool === null ? [] : [() => pool.run(1)])]),
      new DoctorSink(),
    );
    await Promise.all([worker.terminate(), pool?.destroy()]);
    server.close();
    server.closeAllConnections();
  }

  /** The application's own Piscina; null where it has none. */
  function poolOfApplication(): Pool | null {
    let Piscina: PoolClass;
    try {
      ({ Piscina } = createRequire(join(process.cwd(), "/"))("piscina") as { Piscina: PoolClass });
    } catch {
      return null;
    }
    return new Piscina({ filename: __filename, maxThreads: 1 });
  }

  function echo(task: unknown): unknown {
    return task;
  }

  if (isMainThread) {
    selfTest().catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exit(1);
    });
  }

  module.exports = echo;
})();
