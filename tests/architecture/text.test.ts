import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { textOf, trackedFiles } from "./tracked-files.ts";

const files = trackedFiles();
const isSource = (path: string) => /\.[cm]?[jt]s$|\.py$/.test(path);
const isTest = (path: string) => /\.test\.[cm]?ts$/.test(path);

// Put together from pieces, so that this file does not hold what it looks for.
const machineFolders = ["work", "root", "tmp", "home/[a-z][\\w-]*", "Users/[A-Za-z][\\w-]*"];
const registryHosts = ["registry.npmjs", "registry.yarnpkg", "npm.pkg.github", "jsr"].map((host) => `${host}\\.`);
const machinePath = new RegExp(`(?<![\\w./@*)\\]}-])/(?:${machineFolders.join("|")})(?![\\w-])(?!\\s*,)`);
const registryHost = new RegExp(`(?:${registryHosts.join("|")})(?:org|com|io)\\b`);
const heldBackTest = /\b(?:test|it|describe|suite)(?:\.\w+)*\.(?:only|skip|todo|skipIf|runIf)\b/;
const vagueNames = new Set(["utils", "util", "helpers", "helper", "common", "misc", "manager", "shared"]);

/** Each place in these lines that the pattern matches, as "line number: line". */
function matchesIn(text: string, pattern: RegExp): readonly string[] {
  return text.split("\n").flatMap((line, index) => (pattern.test(line) ? [`${index + 1}: ${line.trim()}`] : []));
}

function placesOf(paths: readonly string[], pattern: RegExp): readonly string[] {
  return paths.flatMap((path) => matchesIn(textOf(path) ?? "", pattern).map((place) => `${path}:${place}`));
}

const isVague = (path: string) => path.split("/").some((part) => vagueNames.has(part.replace(/\..*$/, "")));

test("no file names a folder of somebody's machine", () => {
  expect(placesOf(files, machinePath)).toEqual([]);
});

test("no file names a package registry", () => {
  expect(placesOf(files, registryHost)).toEqual([]);
});

test("no file or folder has a name that says nothing", () => {
  expect(files.filter(isVague)).toEqual([]);
});

test("no source file is longer than 400 lines", () => {
  const lineCount = (path: string) => (textOf(path) ?? "").trimEnd().split("\n").length;
  expect(files.filter((path) => isSource(path) && lineCount(path) > 400)).toEqual([]);
});

test("no test is held back without a reason: use context.skip(reason)", () => {
  expect(placesOf(files.filter(isTest), heldBackTest)).toEqual([]);
});

describe("what these tests look for", () => {
  const slash = "/";
  const held = ["test", "describe", "it"].map((word, index) => `${word}.${["only", "skip", "todo"][index]}("x")`);
  const cases: readonly (readonly [string, RegExp, readonly string[], readonly string[]])[] = [
    [
      "machine paths",
      machinePath,
      [`cd ${slash}work${slash}main`, `"${slash}root"`, `(${slash}tmp${slash}x)`, `${slash}home${slash}ann`],
      ["packages/work/a", "https://example.org/home/ann", "../tmp/x", "and/or", "/tmpfs", "/proc/self"],
    ],
    ["registries", registryHost, [`https://${["registry", "npmjs", "org"].join(".")}/x`], ["https://www.npmjs.com"]],
    ["held-back tests", heldBackTest, held, ['context.skip("no PSI here")', "list.only()", 'test("skip", f)']],
  ];
  test.for(cases)("%s", ([, pattern, found, passedOver]) => {
    expect(found.filter((line) => !pattern.test(line))).toEqual([]);
    expect(passedOver.filter((line) => pattern.test(line))).toEqual([]);
  });

  test("vague names", () => {
    expect(["a/utils.ts", "shared/b.ts", "a/misc.test.ts"].map(isVague)).toEqual([true, true, true]);
    expect(["a/shared-array.ts", basename("a/utilization.ts")].map(isVague)).toEqual([false, false]);
  });
});
