import { afterEach, expect, test } from "vitest";
import { application, bare, type Ended, endPrograms, NODE, PRELOAD, startProgram } from "./program.ts";

afterEach(endPrograms);

/** What is replaced in Node's own modules while an application runs that serves and asks, by what needs it. */
const REPLACED: Readonly<Record<string, readonly string[]>> = {
  streams: [
    "stream Duplex::from",
    "stream Readable.compose",
    "stream Readable.pipe",
    "stream compose",
    "stream pipeline",
    "stream/promises pipeline",
    // The module itself, by another name.
    "stream Stream::compose",
    "stream Stream::pipeline",
  ],
  "http-server": ["http Server.emit"],
  // How modules are found: what waits in a pool's queue goes on with a trace of its own.
  "worker-threads": [
    "module _findPath",
    "module Module::_findPath",
    "worker_threads Worker",
    "worker_threads Worker.postMessage",
  ],
  piscina: ["module _findPath", "module Module::_findPath"],
  timers: ["timers setImmediate", "timers setInterval", "timers setTimeout"],
};
/** Which of Node's functions an application finds otherwise than bare. */
async function replaced(environment: Readonly<Record<string, string>>): Promise<string[]> {
  // To look at some of them is to use what is deprecated.
  const words = ["--no-deprecation", application("builtins.js")];
  const recorded = { PINCHPOINT_PORT: "off", ...environment };
  const [alone, ended] = await Promise.all([
    bare(words),
    startProgram(NODE, ["--require", PRELOAD, ...words], { environment: recorded }).ended,
  ]);
  expect({ ...ended, stdout: "" }).toEqual({ ...alone, stdout: "" });
  const digests = ({ stdout }: Ended) => JSON.parse(stdout) as Record<string, string>;
  const own = digests(alone);
  const given = digests(ended);
  return Object.keys({ ...own, ...given }).filter((name) => own[name] !== given[name]);
}

const both = (names: readonly string[]) =>
  [...new Set(names)].flatMap((name) => [`import ${name}`, `require ${name}`]).sort();

test("named imports of ES modules and require see each replaced builtin alike, and no other is replaced", async () => {
  expect((await replaced({})).sort()).toEqual(both(Object.values(REPLACED).flat()));
});

test.for(Object.entries(REPLACED))("include: %s replaces what that needs, and nothing else", async ([name, names]) => {
  expect((await replaced({ PINCHPOINT_INCLUDE: name })).sort()).toEqual(both(names));
});

test("include: http replaces nothing before there is a request", async () => {
  expect(await replaced({ PINCHPOINT_INCLUDE: "http" })).toEqual([]);
  expect((await replaced({ PINCHPOINT_INCLUDE: "http, http-server" })).sort()).toEqual(
    both(REPLACED["http-server"] ?? []),
  );
});
