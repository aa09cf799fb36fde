import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "pinchpoint-preload-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const require = createRequire(import.meta.url);
const probe = pathToFileURL(require.resolve("@pinchpoint/probe")).href;
const streams = new URL("../src/index.ts", import.meta.url).href;
const results = join(folder, "stages.json");

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const preload = write(
  "preload.mjs",
  `import { writeFileSync } from "node:fs";
  import { Recorder, systemClock } from ${JSON.stringify(probe)};
  import { instrumentNodeStreams } from ${JSON.stringify(streams)};
  const recorder = Recorder.forProcess(systemClock(), { name: "main", osThreadId: null, workerId: 0 });
  instrumentNodeStreams(recorder, { pipeline: "app" });
  process.on("exit", () => {
    const { stages, edges, stageRows } = recorder.snapshot();
    const nameOf = (id) => stages.find((stage) => stage.id === id).name;
    writeFileSync(${JSON.stringify(results)}, JSON.stringify({
      items: Object.fromEntries(stageRows.map(({ stage, items }) => [nameOf(stage), items])),
      edges: edges.map(({ from, to }) => nameOf(from) + " > " + nameOf(to)).sort(),
    }));
  });`,
);

interface Seen {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

function run(app: string, options: readonly string[], stdout: "pipe" | number = "pipe"): Seen {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawnSync(process.execPath, [...options, app], {
    env,
    encoding: "utf8",
    stdio: ["ignore", stdout, "pipe"],
  });
  return { status: child.status, output: child.stdout ?? "", errors: child.stderr };
}

const recorded = (): unknown => JSON.parse(readFileSync(results, "utf8"));
const body = (label: string) => `
  class ReadRows extends Readable {
    left = 5;
    constructor() { super({ objectMode: true }); }
    _read() { this.push(this.left-- === 0 ? null : { row: this.left }); }
  }
  function toText(row, _, callback) { callback(null, row.row + "\\n"); }
  const text = new Transform({ writableObjectMode: true, transform: toText });
  pipeline(new ReadRows(), text, new PassThrough(), process.stdout)
    .then(() => console.error("${label} done"));
`;

const apps: readonly (readonly [string, string, string])[] = [
  [
    "named imports",
    "named.mjs",
    `import { PassThrough, Readable, Transform } from "node:stream"; import { pipeline } from "node:stream/promises";`,
  ],
  [
    "a default import",
    "default.mjs",
    `import stream from "stream"; const { PassThrough, Readable, Transform, promises: { pipeline } } = stream;`,
  ],
  [
    "a namespace",
    "namespace.mjs",
    `import * as stream from "node:stream"; const { PassThrough, Readable, Transform } = stream; const { pipeline } = stream.promises;`,
  ],
  [
    "require",
    "require.cjs",
    `const { PassThrough, Readable, Transform } = require("stream"); const { pipeline } = require("stream/promises");`,
  ],
  [
    "require and util.promisify",
    "promisify.cjs",
    `const { PassThrough, Readable, Transform, pipeline: joined } = require("node:stream");
     const pipeline = require("util").promisify(joined);`,
  ],
];

const found = (place: string) => ({
  items: { "read-rows": 5, "to-text": 5, [`pass-through@${place}`]: 5, stdout: 5 },
  edges: [`pass-through@${place} > stdout`, "read-rows > to-text", `to-text > pass-through@${place}`].sort(),
});

describe.for(apps)("an application with %s", ([label, file, imports]) => {
  const app = write(file, `${imports.replaceAll("\n", " ")}${body(label)}`);

  test("is found by each preload, with the same names on each run", () => {
    const bare = run(app, []);
    expect(bare).toMatchObject({ status: 0, output: "4\n3\n2\n1\n0\n" });
    for (const option of ["--import", "--require"]) {
      expect(run(app, [option, preload])).toEqual(bare);
      expect(recorded()).toEqual(found(`${file}:9`));
    }
  });
});

test("standard output has one name, whether it is a pipe or a file", () => {
  const app = write(
    "out.mjs",
    `import { PassThrough, Readable, Transform } from "node:stream";
    import { pipeline } from "node:stream/promises"; ${body("file")}`,
  );
  const target = openSync(join(folder, "out.txt"), "w");
  expect(run(app, ["--import", preload], target)).toMatchObject({ status: 0, errors: "file done\n" });
  closeSync(target);
  expect(readFileSync(join(folder, "out.txt"), "utf8")).toBe("4\n3\n2\n1\n0\n");
  expect(recorded()).toMatchObject({ items: { stdout: 5 } });
});

const troubles: readonly (readonly [string, string])[] = [
  ["a promise that nobody handles", `new Writable({ async write() { throw new Error("unhandled"); } })`],
  [
    "an async _read that fails",
    `new PassThrough()).pipe(new Writable({ write() { Promise.reject(new Error("late")); } })`,
  ],
  [
    "an error that nobody listens to",
    `new Writable({ write(chunk, encoding, callback) { callback(new Error("loud")); } })`,
  ],
  ["a throw", `new Writable({ write() { throw new TypeError("thrown"); } })`],
];
test.for(troubles)("%s ends the application as it does bare", ([label, sink]) => {
  const name = label.replaceAll(/\W/g, "-");
  const app = write(
    `${name}.mjs`,
    `import { PassThrough, Readable, Writable } from "node:stream";
    process.on("uncaughtExceptionMonitor", (error, origin) => console.log(origin, error.name, error.message));
    Readable.from(["a", "b"]).pipe(${sink});`,
  );
  const withoutStack = ({ status, output }: Seen) => ({ status, output });
  const bare = run(app, []);
  expect(bare.status).toBe(1);
  expect(bare.output).not.toBe("");
  expect(withoutStack(run(app, ["--import", preload]))).toEqual(withoutStack(bare));
});
