import { afterEach, expect, test } from "vitest";
import { application, bare, type Ended, endPrograms, NODE, PRELOAD, startProgram } from "./program.ts";

afterEach(endPrograms);

/** What is replaced in Node's own modules while an application runs that serves and asks. */
const REPLACED = [
  "http ClientRequest.onSocket",
  "http Server.emit",
  "module _load",
  "stream pipeline",
  "stream Readable.pipe",
  "stream/promises pipeline",
  "worker_threads Worker",
  "worker_threads Worker.postMessage",
];

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

const both = (names: readonly string[]) => names.flatMap((name) => [`import ${name}`, `require ${name}`]).sort();

test("named imports of ES modules and require see each replaced builtin alike, and no other is replaced", async () => {
  expect((await replaced({})).sort()).toEqual(both(REPLACED));
});

test.for([
  ["streams", ["stream Readable.pipe", "stream pipeline", "stream/promises pipeline"]],
  ["http-server", ["http Server.emit"]],
  ["http", ["http ClientRequest.onSocket"]],
  ["worker-threads", ["worker_threads Worker", "worker_threads Worker.postMessage"]],
  ["piscina", ["module _load"]],
] as const)("include: %s replaces what that needs, and nothing else", async ([name, names]) => {
  expect((await replaced({ PINCHPOINT_INCLUDE: name })).sort()).toEqual(both(names));
});
