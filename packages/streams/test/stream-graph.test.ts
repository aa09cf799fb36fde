import { once } from "node:events";
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, get, type IncomingMessage, request } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Duplex,
  PassThrough,
  pipeline as pipelineByCallback,
  Readable,
  Stream,
  Transform,
  Writable,
} from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import { check, type Observation, observe } from "./observation.ts";
import { VirtualTime } from "./virtual-time.ts";

let time: VirtualTime;
let observed: Observation;
beforeEach(() => {
  time = new VirtualTime();
  observed = observe(time.clock);
});

const object = { objectMode: true };
class Rows extends Readable {
  #left = 3;
  constructor() {
    super(object);
  }
  override _read(): void {
    this.push(this.#left-- === 0 ? null : {});
  }
}
class Decode extends PassThrough {
  constructor() {
    super(object);
  }
}
class Store extends Writable {
  constructor() {
    super(object);
  }
  override _write(_chunk: unknown, _: BufferEncoding, callback: () => void): void {
    callback();
  }
}
const anonymous = () => new PassThrough(object);
const items = () => Object.fromEntries(observed.stages().map(({ name, items }) => [name, items]));

describe("who feeds whom is found", () => {
  const chain = ["decode > store", "rows > decode"];
  const joinings: readonly (readonly [string, () => Promise<unknown>])[] = [
    ["by pipe", () => once(new Rows().pipe(new Decode()).pipe(new Store()), "finish")],
    ["by pipeline with a promise", () => pipeline(new Rows(), new Decode(), new Store())],
    ["by pipeline with a list", () => pipeline([new Rows(), new Decode(), new Store()])],
    [
      "by pipeline with a callback",
      () => new Promise((resolve) => pipelineByCallback(new Rows(), new Decode(), new Store(), resolve)),
    ],
    [
      "in whatever order they are joined",
      () => {
        const [rows, decode, store] = [new Rows(), new Decode(), new Store()];
        decode.pipe(store);
        rows.pipe(decode);
        return once(store, "finish");
      },
    ],
  ];
  test.for(joinings)("%s", async ([, join]) => {
    await join();
    expect(observed.edges()).toEqual(chain);
    expect(items()).toEqual({ rows: 3, decode: 3, store: 3 });
    expect(observed.losses).toEqual({});
  });
});

test("one source may feed two sinks", async () => {
  class Archive extends Store {}
  const rows = new Rows();
  const [store, archive] = [new Store(), new Archive()];
  rows.pipe(store);
  rows.pipe(archive);
  await Promise.all([once(store, "finish"), once(archive, "finish")]);
  expect(observed.edges()).toEqual(["rows > archive", "rows > store"]);
  expect(items()).toEqual({ rows: 3, store: 3, archive: 3 });
});

test("two sources may feed one sink", async () => {
  class Archive extends Rows {}
  const store = new Store();
  const [rows, archive] = [new Rows(), new Archive()];
  rows.pipe(store, { end: false });
  archive.pipe(store, { end: false });
  await Promise.all([once(rows, "end"), once(archive, "end")]);
  await time.settle();
  expect(observed.edges()).toEqual(["archive > store", "rows > store"]);
  expect(items()).toEqual({ rows: 3, store: 6, archive: 3 });
});

test("a stream that is piped twice to the same sink is one stage with one edge", async () => {
  const rows = new Rows();
  const store = new Store();
  rows.pipe(store);
  rows.pipe(store);
  await once(store, "finish");
  expect(observed.edges()).toEqual(["rows > store"]);
  expect(items()).toEqual({ rows: 3, store: 6 });
});

test("a stream that is unpiped and piped elsewhere later goes on", async () => {
  class Archive extends Store {}
  const rows = new Readable({ ...object, read() {} });
  const [store, archive] = [new Store(), new Archive()];
  rows.pipe(store);
  rows.push(1);
  await time.settle();
  rows.unpipe(store);
  rows.push(2);
  await time.settle();
  rows.pipe(archive);
  rows.push(null);
  await once(archive, "finish");
  expect(items()).toMatchObject({ store: 1, archive: 1 });
  check(observed.stages()[0], { role: "source", items: 2, workers: {} });
});

test("a socket has two ends, which are two stages", async () => {
  const server = createTcpServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const received: Buffer[] = [];
  const collect = new Writable({
    write: (chunk, _, callback) => {
      received.push(chunk);
      callback();
    },
  });
  Readable.from([Buffer.from("flight")])
    .pipe(socket)
    .pipe(collect);
  await once(collect, "finish");
  server.close();
  expect(Buffer.concat(received).toString()).toBe("flight");
  const sockets = observed.stages().filter(({ name }) => name.startsWith("socket"));
  expect(sockets.map(({ role }) => role).sort()).toEqual(["sink", "sink", "source", "source"]);
  expect(sockets.map(({ items }) => items)).toEqual([1, 1, 1, 1]);
});

test("files and compressors are stages under Node's names", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pinchpoint-streams-"));
  try {
    const path = (name: string) => join(folder, name);
    writeFileSync(path("rows"), "flight ".repeat(20_000));
    await pipeline(createReadStream(path("rows")), createGzip(), createWriteStream(path("rows.gz")));
    await pipeline(createReadStream(path("rows.gz")), createGunzip(), createWriteStream(path("again")));
    expect(readFileSync(path("again"), "utf8")).toBe("flight ".repeat(20_000));
  } finally {
    rmSync(folder, { recursive: true });
  }
  const names = observed.names().map((name) => name.replace(/:\d+$/, ":N"));
  const place = "@stream-graph.test.ts:N";
  expect(names).toEqual([
    "read-stream",
    "gzip",
    "write-stream",
    `read-stream${place}`,
    "gunzip",
    `write-stream${place}`,
  ]);
  check(observed.stage("read-stream"), { items: 3, workers: {} });
  check(observed.stage("gzip"), { arrived: 3, items: 3, workers: {} });
});

test("an HTTP response that is piped into is no loss: it belongs to its request", async () => {
  const server = createServer((_request, response) => void new Rows().pipe(new Decode()).pipe(toText()).pipe(response));
  const toText = () =>
    new Transform({ writableObjectMode: true, transform: (_row, _, callback) => callback(null, "row ") });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const [response] = (await once(get({ port: (server.address() as AddressInfo).port }), "response")) as [
    IncomingMessage,
  ];
  const chunks = await response.toArray();
  server.close();
  expect(Buffer.concat(chunks).toString()).toBe("row row row ");
  expect(observed.losses).toEqual({});
  expect(observed.stages().map(({ role }) => role)).toEqual(["source", "stage", "stage"]);
});

test("a file that is piped into an HTTP request that goes out is no loss either", async () => {
  const server = createServer((request, response) => request.resume().once("end", () => response.end()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const asked = request({ port: (server.address() as AddressInfo).port, method: "POST" });
  Readable.from([Buffer.from("flight")]).pipe(asked);
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  await answer.resume().toArray();
  server.close();
  expect(observed.losses).toEqual({});
});

test("a destination that is no Writable is counted once for its place, not for each stream", () => {
  class Old extends Stream {
    readonly writable = true;
    write(): boolean {
      return true;
    }
    end(): void {}
  }
  for (let time = 0; time < 5; time++) new Rows().pipe(new Old() as unknown as Writable);
  expect(observed.losses).toEqual({ "not-patched": 1 });
  new Rows().pipe(new Old() as unknown as Writable);
  expect(observed.losses).toEqual({ "not-patched": 2 });
});

test("a stream that cannot be changed does not keep its like at the same place from being seen", async () => {
  for (const change of [Object.preventExtensions, (store: Store) => store, Object.preventExtensions]) {
    const store = change(new Store().once("close", () => {}));
    new Rows().pipe(store);
    await once(store, "finish");
  }
  expect(items()).toMatchObject({ store: 3 });
  expect(observed.losses).toEqual({ "not-patched": 1 });
});

describe("a stream that does not let itself be changed works, and is counted", () => {
  /** Node itself needs room for a stream's listeners, so that it has one before it is closed. */
  const closed = <T extends Readable | Writable>(stream: T): T => {
    stream.once("close", () => {});
    return Object.preventExtensions(stream);
  };
  const sealed: readonly (readonly [string, () => Promise<unknown>])[] = [
    ["a source", () => pipeline(closed(new Rows()), new Store())],
    ["a transform", () => pipeline(new Rows(), closed(new Decode()), new Store())],
    ["a sink", () => pipeline(new Rows(), closed(new Store()))],
  ];
  test.for(sealed)("%s", async ([, join]) => {
    await join();
    expect(observed.losses).toEqual({ "not-patched": 1 });
    expect(observed.edges().length).toBeLessThan(2);
    expect(Object.values(items()).every((count) => count === 3)).toBe(true);
  });
});

describe("names", () => {
  const joinAnonymous = () => pipeline(new Rows(), anonymous(), new Store());

  test("a stream without a name is called by its kind and place", async () => {
    await joinAnonymous();
    expect(observed.names()[1]).toMatch(/^pass-through@stream-graph\.test\.ts:\d+$/);
  });

  test("a pipeline that is made for each request is one set of stages", async () => {
    await Promise.all([1, 2, 3].map(joinAnonymous));
    await joinAnonymous();
    expect(observed.stages().map(({ items }) => items)).toEqual([12, 12, 12]);
    expect(observed.edges()).toHaveLength(2);
  });

  test("streams that are made for each request are workers of one stage", () => {
    for (let request = 0; request < 3; request++) new Readable({ read() {} }).pipe(new Store());
    expect(observed.stages().map(({ workers }) => workers)).toEqual([{ blocked: 3 }, { starved: 3 }]);
  });

  test("the same class twice in one pipeline is two stages", async () => {
    await pipeline(new Rows(), new Decode(), new Decode(), new Decode(), new Store());
    expect(observed.names().map((name) => name.replace(/:\d+/, ":N"))).toEqual([
      "rows",
      "decode",
      "decode@stream-graph.test.ts:N",
      "decode@stream-graph.test.ts:N#2",
      "store",
    ]);
  });

  test("two streams without names in one pipeline are two stages", async () => {
    await pipeline(new Rows(), anonymous(), anonymous(), new Store());
    expect(new Set(observed.names()).size).toBe(4);
  });

  test("equal classes at two places are two stages", async () => {
    const { Decode: Other } = { Decode: class Decode extends PassThrough {} };
    await pipeline(new Rows(), new Decode(), new Store());
    await pipeline(new Rows(), new Other(object), new Store());
    expect(observed.names().slice(0, 3)).toEqual(["rows", "decode", "store"]);
    expect(new Set(observed.names()).size).toBe(6);
    expect(Object.values(items())).toEqual([3, 3, 3, 3, 3, 3]);
  });

  test("two calls on one line are two places", () => {
    for (const join of [() => new Rows().pipe(new Store()), () => new Rows().pipe(new Store())]) join();
    expect(new Set(observed.names()).size).toBe(4);
  });

  test("a class whose name cannot be read is counted, and works", async () => {
    class Hidden extends Store {
      static override get name(): string {
        throw new Error("no name");
      }
    }
    const hidden = new Hidden();
    await pipeline(new Rows(), hidden);
    expect(hidden.writableFinished).toBe(true);
    expect(observed.losses).toEqual({ "not-patched": 1 });
  });

  test("streams for which there is no room are recorded together, and counted", async () => {
    // As many as a thread has rows for: "taken" is what was opened first.
    let isFull = false;
    for (let at = 0; !isFull; at++) {
      const stage = observed.recorder.openStage({ pipeline: "taken", name: `${at}`, role: "stage" });
      isFull = stage?.name === "others";
    }
    const store = new Store();
    await pipeline(new Rows(), new Decode(), store);
    expect(store.writableFinished).toBe(true);
    const others = observed.stage("others");
    const one = items();
    expect(others.items).toBe(9);
    expect(one).not.toHaveProperty("store");
    expect(observed.losses["stage-limit"]).toBe(4);
  });
});

test("each end of each duplex of a pipeline is a stage of its own", () => {
  const echo = () => new Duplex({ ...object, read() {}, write: (_chunk, _encoding, callback) => callback() });
  for (let request = 0; request < 2; request++) new Rows().pipe(echo()).pipe(echo()).pipe(new Store());
  expect(observed.stages().map(({ role }) => role)).toEqual(["source", "sink", "source", "sink", "source", "sink"]);
  expect(new Set(observed.names()).size).toBe(6);
});
