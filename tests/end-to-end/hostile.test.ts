import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { application, bare, endPrograms, NODE, PRELOAD, run, startProgram } from "./program.ts";
import { type Recorded, recordedAsBare, WAYS } from "./ways.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pinchpoint-hostile-"));
});
afterEach(() => {
  endPrograms();
  rmSync(folder, { recursive: true, force: true });
});

const withoutPlaces = (counts: Recorded["items"]) =>
  Object.fromEntries(Object.entries(counts).map(([name, count]) => [name.replace(/[@:].*$/, ""), count]));

/** Experimental flags are warned of, with the process's id. */
const withoutIds = (text: string) => text.replaceAll(/\(node:\d+\)/g, "(node)");

const FIFTY = { readable: 50, decode: 50, store: 50 };

test.for(
  WAYS.flatMap((way) =>
    [
      { what: "replaces globals", words: [application("hostile/globals.js")], items: FIFTY },
      {
        what: "freezes prototypes",
        words: [application("hostile/frozen.js")],
        items: { flights: 50, decode: 50, store: 50 },
      },
      { what: "has frozen intrinsics", words: ["--frozen-intrinsics", application("etl.js")], items: FIFTY },
      {
        what: "works in a vm context",
        words: [application("hostile/contexts.js")],
        items: { iterable: 51, decode: 50, clean: 50, store: 50 },
      },
    ].map((one) => ({ ...one, way })),
  ),
)("an application that $what is as bare under $way, and is recorded", async ({ way, words, items }) => {
  const recorded = await recordedAsBare(way, [NODE, ...words], { alike: withoutIds });
  expect(withoutPlaces(recorded.items)).toEqual(items);
  expect(recorded.losses).toEqual({});
});

test.for([
  ["after", {}],
  ["before", { BEFORE: "1", NODE_OPTIONS: `--require ${application("hostile/patches.cjs")}` }],
] as const)(
  "an application that patches %s us what we patch counts as bare, and is recorded",
  async ([, environment]) => {
    for (const way of WAYS) {
      const command = [NODE, application("hostile/patched.js")];
      const { items, calls, losses } = await recordedAsBare(way, command, { environment });
      expect(items).toMatchObject({ ask: 5, store: 5, "http-server": 5 });
      expect(calls).toEqual({ "ask -> 127.0.0.1": 5, "ask -> eval": 5 });
      // A flag of the command line does not reach code from a text.
      expect(losses).toEqual(way === "--import" ? { "thread-not-reached: eval": 1 } : {});
    }
  },
);

test.for(WAYS)("what a module throws when it is loaded has the stack under %s that it has bare", async (way) => {
  const { items } = await recordedAsBare(way, [NODE, application("hostile/loads.js")]);
  expect(items).toMatchObject({ store: 3 });
});

test("an application that exits in mid-item ends as bare, and what was finished is recorded", async () => {
  const { items } = await recordedAsBare("pinchpoint run", [NODE, application("hostile/many.js"), "exit"]);
  expect(items).toMatchObject({ step0x0: 20 });
});

test("a thousand stages run as bare, and each is recorded", async () => {
  const { items, losses } = await recordedAsBare("pinchpoint run", [NODE, application("hostile/many.js")]);
  expect(Object.keys(items).length).toBeGreaterThan(1000);
  for (const step of ["step0x0", "step19x49"]) expect(items[step]).toBe(30);
  expect(losses).toEqual({});
});

test("of more stages than there is room for each item is recorded, and how many had no room of their own is told", async () => {
  const command = [NODE, application("hostile/many.js"), "more"];
  const { items, losses } = await recordedAsBare("pinchpoint run", command);
  expect(items.step0x0).toBe(30);
  const refused = losses["stage-limit"] ?? 0;
  expect(refused).toBeGreaterThan(900);
  // Each stage without room has handed over 30 items.
  expect(items.others).toBe(30 * refused);
  expect(Object.keys(losses)).toEqual(["stage-limit"]);
  const { stderr } = await run([], command);
  expect(stderr).toMatch(/ \d+ stages or calls had no room of their own in a thread \(stages: in others\)$/m);
}, 60_000);

test("preloads by every flag, and of another copy of Pinchpoint, record each item once", async () => {
  const copy = copyOfPinchpoint();
  for (const [first, second] of [
    [PRELOAD, copy],
    [copy, PRELOAD],
  ]) {
    const environment = { NODE_OPTIONS: `--require ${first} --import file://${second}` };
    const words = ["--require", second ?? "", "--import", first ?? "", application("etl.js")];
    const { items, losses } = await recordedAsBare("pinchpoint run", [NODE, ...words], { environment });
    expect(withoutPlaces(items)).toEqual(FIFTY);
    expect(losses).toEqual({});
  }
});

/** The packages in a `node_modules` of their own, as another version would be. */
function copyOfPinchpoint(): string {
  const packages = fileURLToPath(new URL("../../packages", import.meta.url));
  for (const name of readdirSync(packages)) {
    const manifest = JSON.parse(readFileSync(join(packages, name, "package.json"), "utf8")) as { name: string };
    const to = join(folder, "node_modules", manifest.name);
    cpSync(join(packages, name, "lib"), join(to, "lib"), { recursive: true });
    writeFileSync(join(to, "package.json"), JSON.stringify({ ...manifest, version: "0.0.9" }));
  }
  return join(folder, "node_modules/pinchpoint/lib/register.cjs");
}

test.for(["missing", "refused"])(
  "where shared memory is %s, the main thread is recorded, and its workers are named",
  async (how) => {
    const environment = { UNSHARED: how, NODE_OPTIONS: `--require ${application("hostile/unshared.cjs")}` };
    for (const way of WAYS) {
      const one = await recordedAsBare(way, [NODE, application("etl.js")], { environment });
      expect(withoutPlaces(one.items)).toEqual(FIFTY);
      expect(one.losses).toEqual({});
    }
    const { items, losses } = await recordedAsBare("NODE_OPTIONS", [NODE, application("both-threads.js")], {
      environment,
    });
    expect(withoutPlaces(items)).toEqual({ readable: 3, store: 3 });
    expect(losses).toEqual({ "thread-limit": 1, "thread-not-reached: both-threads.js": 1 });
  },
);

/** Below the folder for temporary files, where what is recorded is handed over. */
const PERMITTED = ["--allow-fs-read=*", `--allow-fs-write=${tmpdir()}`];

test("under the permission model an application is recorded where it may read and write what that takes", async () => {
  const words = ["--permission", ...PERMITTED, application("etl.js")];
  for (const way of WAYS) {
    const { items } = await recordedAsBare(way, [NODE, ...words]);
    expect(withoutPlaces(items)).toEqual(FIFTY);
  }
});

test.for([
  [
    "no file may be read",
    [`--allow-fs-read=${dirname(application("etl.js"))}`],
    /^pinchpoint: could not start recording \([^\n]+--allow-fs-read[^\n]+\n$/,
  ],
  ["no file may be written", ["--allow-fs-read=*"], /^$/],
] as const)("under the permission model, where %s, the application runs as bare", async ([, permitted, said]) => {
  const words = ["--permission", ...permitted, application("etl.js")];
  const alone = await bare(words);
  const preloaded = await startProgram(NODE, ["--require", PRELOAD, ...words], {
    environment: { PINCHPOINT_PORT: "off" },
  }).ended;
  expect({ ...preloaded, stderr: "" }).toEqual(alone);
  expect(preloaded.stderr).toMatch(said);
  const { stderr, ...ended } = await run([], [NODE, ...words]);
  expect({ ...ended, stderr: "" }).toEqual(alone);
  expect(stderr.split("\n\n").at(-1) ?? stderr).toMatch(
    /pinchpoint: no verdict: [^\n]+ permission model is on\. Add --allow-fs-read=\* and --allow-fs-write=[^\n]+\n$/,
  );
});

test("a recording that cannot go on is told once, by the process or by pinchpoint run", async () => {
  const words = ["--import", "data:text/javascript,process.cpuUsage = () => { throw new Error('not here') }"];
  const command = [...words, application("etl.js")];
  const alone = await bare(command);
  const environment = { PINCHPOINT_PORT: "off" };
  const preloaded = await startProgram(NODE, ["--require", PRELOAD, ...command], { environment }).ended;
  expect({ ...preloaded, stderr: "" }).toEqual(alone);
  expect(preloaded.stderr).toMatch(/^pinchpoint: recording has ended \(not here\): [^\n]+\n$/);
  const { stderr, ...ended } = await run([], [NODE, ...command]);
  expect({ ...ended, stderr: "" }).toEqual(alone);
  expect(stderr).toMatch(/^pinchpoint: recording has ended in a process [^\n]+\n\npinchpoint: no verdict: [^\n]+\n$/);
});
