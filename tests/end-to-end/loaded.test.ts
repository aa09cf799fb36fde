import { builtinModules } from "node:module";
import { afterEach, beforeAll, expect, test } from "vitest";
import { application, endPrograms, NODE, PRELOAD, startProgram } from "./program.ts";

interface Loaded {
  /** Files of Pinchpoint's, as `probe/lib/index.js`. */
  readonly files: readonly string[];
  /** Node's own modules. */
  readonly builtins: readonly string[];
}

interface Threads {
  readonly main: Loaded;
  /** A worker thread that has not done anything yet. */
  readonly idle: Loaded;
  /** The same once it has joined streams. */
  readonly joined: Loaded;
  /** A thread of Piscina's within its first task, whose file imports Piscina. */
  readonly task: Loaded;
}

afterEach(endPrograms);

let bare: Threads;
let recorded: Threads;
beforeAll(async () => {
  const loaded = async (words: readonly string[]): Promise<Threads> => {
    const environment = { PINCHPOINT_PORT: "off" };
    const { stdout } = await startProgram(NODE, [...words, application("loaded.js")], { environment }).ended;
    return JSON.parse(stdout) as Threads;
  };
  [bare, recorded] = await Promise.all([loaded([]), loaded(["--require", PRELOAD])]);
});

/** What one thread loads of Node's that it does not load bare, as far as applications may load it. */
const more = (thread: keyof Threads) =>
  recorded[thread].builtins
    .filter((name) => builtinModules.includes(name) && !bare[thread].builtins.includes(name))
    .sort();

test("a worker thread that records nothing loads what finds something to record, and no more", () => {
  const files = ["register", "worker-start", "worker-thread"].map((name) => `pinchpoint/lib/${name}.cjs`);
  expect(recorded.idle.files).toEqual(files);
});

test("of Node's own modules it loads those that find CommonJS modules, and take over compiled code", () => {
  expect(more("idle")).toEqual(["module", "vm"]);
});

test("what records is loaded when the worker thread joins streams", () => {
  const added = recorded.joined.files.filter((file) => !recorded.idle.files.includes(file));
  expect(added).toEqual(["pinchpoint/lib/worker-recorder.cjs"]);
  expect(bare.joined.files).toEqual([]);
});

test("what the first worker thread has compiled is there for the next, as it began and once it had recorded", async () => {
  const words = ["--import", PRELOAD, application("compiled-once.js")];
  const { stdout } = await startProgram(NODE, words, { environment: { PINCHPOINT_PORT: "off" } }).ended;
  interface Written {
    readonly times: number;
    readonly bytes: number;
  }
  const [first, next] = JSON.parse(stdout) as readonly Record<"thread" | "recorder", Written>[];
  expect([first?.thread.times, first?.recorder.times]).toEqual([2, 1]);
  expect(first?.thread.bytes).toBeGreaterThan(20_000);
  expect(first?.recorder.bytes).toBeGreaterThan(100_000);
  // It was not compiled once more, and written.
  expect(next).toEqual(first);
});

test("a pool's thread loads no more for its tasks, nor for importing Piscina, where nobody keeps spans", () => {
  expect(recorded.task.files).toEqual(recorded.idle.files);
});

test("a main thread loads what records as one file, and node:http only where the application does", () => {
  expect(more("main").filter((name) => /^_?(?:http|net$|tls)/.test(name))).toEqual([]);
  expect(recorded.main.files).toEqual(
    ["main-thread", "preload", "register"].map((name) => `pinchpoint/lib/${name}.cjs`),
  );
});
