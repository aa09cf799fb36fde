import { fileURLToPath } from "node:url";
import { runInThisContext } from "node:vm";
import { expect, test } from "vitest";
import { type CallSite, callSite, siteOf } from "../src/call-site.ts";

test("the place of a call is its file, line and column", () => {
  const [one, other] = [callSite(), callSite()] as [CallSite, CallSite];
  expect(one.label).toMatch(/^call-site\.test\.ts:\d+$/);
  expect(other.label).toBe(one.label);
  expect(other.key).not.toBe(one.key);
});

test("a call at the same place is the same on every turn", () => {
  const sites = [1, 2, 3].map(() => callSite());
  expect(new Set(sites.map((site) => site?.key)).size).toBe(1);
});

test("a place is found below many frames of a dependency's", () => {
  const deep = (levels: number): ReturnType<typeof callSite> => (levels === 0 ? callSite() : deep(levels - 1));
  expect(deep(25)?.label).toContain("call-site.test.ts");
});

const cases: readonly (readonly [string, readonly [string, number, number], string])[] = [
  ["a path", ["/srv/app/etl.js", 12, 5], "etl.js:12"],
  ["a URL", ["file:///srv/app/src/etl.mjs", 12, 5], "etl.mjs:12"],
  ["a path of Windows", ["C:\\app\\etl.js", 12, 5], "etl.js:12"],
  ["a file that is called after its folder", ["/srv/app/decode/index.js", 3, 1], "decode/index.js:3"],
  ["a module that is loaded anew", ["file:///srv/app/etl.mjs?t=17", 12, 5], "etl.mjs:12"],
  ["a bundle of one line", ["/srv/app/dist/main.js", 1, 48_213], "main.js:1:48213"],
  ["code without a file", ["[eval]", 1, 9], "[eval]:1"],
];
test.for(cases)("the label of %s", ([, [script, line, column], label]) => {
  expect(siteOf(script, line, column).label).toBe(label);
});

test("a module that is loaded anew keeps its places", () => {
  expect(siteOf("file:///srv/etl.mjs?t=1", 1, 2).key).toBe(siteOf("file:///srv/etl.mjs?t=2", 1, 2).key);
});

test.for([
  ["of another package", fileURLToPath(new URL("../../pinchpoint/lib/inner.js", import.meta.url))],
  ["of a package with a scope where it is installed", "/app/node_modules/@pinchpoint/streams/lib/node-stream.js"],
  ["of the package without a scope where it is installed", "file:///app/node_modules/pinchpoint/lib/worker-thread.js"],
] as const)(
  "a frame of Pinchpoint's own, %s, is neither the application's nor a dependency's",
  async ([, filename]) => {
    const calling = (code: string, file: string) => runInThisContext(code, { filename: file });
    const own = calling("(next) => next()", filename) as (next: () => unknown) => unknown;
    const dependency = calling("(next, told) => told(next())", "/app/node_modules/csv-tool/bin.js") as (
      next: () => unknown,
      told: (site: unknown) => void,
    ) => void;
    // From the event loop, so that no frame of this file is there.
    const site = await new Promise<unknown>((told) => setImmediate(dependency, own.bind(null, callSite), told));
    expect(site).toMatchObject({ label: "bin.js:1" });
  },
);
