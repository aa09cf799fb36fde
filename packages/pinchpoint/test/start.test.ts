import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const PACKAGE = fileURLToPath(new URL("..", import.meta.url));

/** Runs a module in a process of its own, as the package's user would. */
function execute(
  code: string,
  flags: readonly string[] = [],
): { stdout: string; stderr: string; status: number | null } {
  const environment = { ...process.env, PINCHPOINT_PORT: "off", NODE_OPTIONS: "" };
  const words = [...flags, "--input-type=module-typescript", "-"];
  const { stdout, stderr, status } = spawnSync(process.execPath, words, {
    cwd: PACKAGE,
    env: environment,
    input: code,
    encoding: "utf8",
  });
  return { stdout, stderr, status };
}

const COUNT = `
  const unitsOf = (recorder) => recorder.snapshot().stageRows.map(({ units }) => units);
`;

test("the example of the README runs, with and without a recorder", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  expect(example).toContain('from "pinchpoint"');
  for (const flags of [[], ["--require", "./lib/register.cjs"]]) {
    expect(execute(example, flags)).toEqual({ stdout: "scored 3\n", stderr: "", status: 0 });
  }
});

test("importing does nothing, and without a recorder every call passes through", () => {
  const { stdout } = execute(`
    const before = [Object.getOwnPropertySymbols(globalThis).length, process.listenerCount("exit")];
    const { pipeline } = await import("pinchpoint");
    const stage = pipeline("etl").stage("score");
    console.log(stage.run(() => 7), await stage.run(async () => 8));
    const after = [Object.getOwnPropertySymbols(globalThis).length, process.listenerCount("exit")];
    console.log(JSON.stringify(before) === JSON.stringify(after));
  `);
  expect(stdout).toBe("7 8\ntrue\n");
});

test("start records without the preload, once", () => {
  const { stdout } = execute(`
    import { pipeline, start } from "pinchpoint";
    const recorder = start({ pipeline: "mine", port: "off" });
    pipeline("etl").stage("score").run(() => 1);
    ${COUNT}
    console.log(start() === recorder, unitsOf(recorder), recorder.snapshot().stages[0].pipeline);
  `);
  expect(stdout).toBe("true [ 1 ] etl\n");
});

test("start finds the preload's recorder, and a second load of the preload changes nothing", () => {
  const { stdout } = execute(
    `
    import { createRequire } from "node:module";
    import { pipeline, start } from "pinchpoint";
    const first = start();
    const require = createRequire(process.cwd() + "/");
    delete require.cache[require.resolve("./lib/register.cjs")];
    require("./lib/register.cjs");
    pipeline("etl").stage("score").run(() => 1);
    ${COUNT}
    console.log(unitsOf(first), start() === first, Object.keys(globalThis).some((name) => /pinch/i.test(name)));
  `,
    ["--require", "./lib/register.cjs"],
  );
  expect(stdout).toBe("[ 1 ] true false\n");
});

test("the preload and an application that imports the probe know of one running work", () => {
  const { stdout } = execute(
    `
    import { runningWork } from "@pinchpoint/probe";
    import { pipeline } from "pinchpoint";
    console.log(pipeline("etl").stage("score").run(() => runningWork() !== null), runningWork());
  `,
    ["--require", "./lib/register.cjs"],
  );
  expect(stdout).toBe("true null\n");
});

test("a worker thread's time stops when it ends", () => {
  const code = `
    import { once } from "node:events";
    import { Worker } from "node:worker_threads";
    import { start } from "pinchpoint";
    await once(new Worker("", { eval: true, name: "short" }), "exit");
    console.log(start().snapshot().threads.map(({ name, endedAtMs }) => [name, endedAtMs !== null]));
  `;
  const { stdout } = execute(code, ["--require", "./lib/register.cjs"]);
  expect(stdout).toMatch(/^\[ \[ 'main', false \], \[ '(short|worker) 1', true \] \]\n$/);
});

test("a port that is none, and an integration that there is not, are refused at once", () => {
  const { stdout } = execute(`
    import { start } from "pinchpoint";
    for (const options of [{ port: 70000 }, { include: ["streams", "kafka"] }, { page: "mine" }, { buckets: { stage: [1] } }]) {
      try { start(options); } catch (error) { console.log(error.message); }
    }
  `);
  expect(stdout).toBe(
    'port must be a port from 1 to 65535, or off, got "70000".\n' +
      'include (PINCHPOINT_INCLUDE): there is no "kafka"; there are streams, http-server, http, worker-threads, piscina, timers.\n' +
      'page (PINCHPOINT_PAGE) must be own, or exporter, got "mine".\n' +
      "buckets must be an object of default, pinchpoint.stage.duration, pinchpoint.resource.wait.duration, " +
      "pinchpoint.resource.use.duration, pinchpoint.collect.duration, each a list of up to 100 ascending numbers of " +
      'seconds > 0; got {"stage":[1]}.\n',
  );
});

test("start finds by itself what it is told to include, and nothing else", () => {
  const { stdout } = execute(`
    import { Readable, Writable } from "node:stream";
    import { pipeline } from "node:stream/promises";
    import { start } from "pinchpoint";
    const recorder = start({ port: "off", include: ["http"] });
    await pipeline(Readable.from([1, 2]), new Writable({ objectMode: true, write: (item, encoding, done) => done() }));
    console.log(recorder.snapshot().stages.length);
  `);
  expect(stdout).toBe("0\n");
});

test("an SDK of the application's own takes the metrics by a producer that it makes before anything records", () => {
  const { stdout, stderr } = execute(`
    import { metricProducer, pipeline, start } from "pinchpoint";
    const producer = metricProducer();
    const told = async () => {
      const { resourceMetrics, errors } = await producer.collect();
      const metrics = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
      const items = metrics.find(({ descriptor }) => descriptor.name === "pinchpoint.stage.items");
      const duration = metrics.find(({ descriptor }) => descriptor.name === "pinchpoint.stage.duration");
      return [errors.length, items?.dataPoints[0]?.value, duration?.dataPoints[0]?.value.positive.bucketCounts];
    };
    console.log(JSON.stringify(await told()));
    start({ port: "off" });
    pipeline("etl").stage("score").run(() => 1, { items: 3 });
    console.log(JSON.stringify(await told()));
  `);
  expect({ stdout, stderr }).toEqual({ stdout: "[0,null,null]\n[0,3,[1]]\n", stderr: "" });
});

test("what a unit's trace is goes along with an item, and back into a unit elsewhere", () => {
  const { stdout, stderr } = execute(`
    import { carry, pipeline, start } from "pinchpoint";
    console.log(carry());
    const spans = [];
    const recorder = start({ port: "off" });
    const stage = pipeline("etl").stage("score");
    stage.run(() => console.log(carry()));
    const context = (spanId) => ({ traceId: "1".repeat(32), spanId, isSampled: true, state: "" });
    let active = null;
    recorder.keepSpans({
      active: () => active,
      begin: (start, parent) => {
        const own = context(String(spans.length + 1).repeat(16));
        spans.push([start.name, parent?.spanId ?? null]);
        const within = (run) => {
          active = own;
          try {
            return run();
          } finally {
            active = null;
          }
        };
        return { context: own, headers: () => [], set: () => {}, end: () => {}, within };
      },
      outside: (run) => run(),
      contextOf: () => null,
    });
    const parent = stage.run(() => carry());
    console.log(parent);
    pipeline("other").stage("sink").run(() => {}, { parent });
    console.log(JSON.stringify(spans));
  `);
  const parent = `00-${"1".repeat(32)}-${"1".repeat(16)}-01`;
  const spans = JSON.stringify([
    ["score", null],
    ["sink", "1".repeat(16)],
  ]);
  expect({ stdout, stderr }).toEqual({ stdout: `null\nnull\n${parent}\n${spans}\n`, stderr: "" });
});
