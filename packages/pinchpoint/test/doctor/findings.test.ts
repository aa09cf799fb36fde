import type { Recording } from "@pinchpoint/verdict";
import { expect, test } from "vitest";
import { nodeFindings } from "../../src/doctor/node-findings.ts";
import { otlpFindings } from "../../src/doctor/otlp-findings.ts";
import { isOfInterest, packageFindings } from "../../src/doctor/package-findings.ts";
import { recordingFindings } from "../../src/doctor/recording-findings.ts";
import { reportOf } from "../../src/doctor/report.ts";
import { settingsFindings } from "../../src/doctor/settings-findings.ts";
import { systemFindings } from "../../src/doctor/system-findings.ts";

const levels = (findings: readonly { level: string; about: string }[]) =>
  findings.map(({ level, about }) => `${level} ${about}`);

test.for([
  ["v24.1.0", "v24.1.0", "ok"],
  ["v24.1.0", null, "ok"],
  ["v24.1.0", "v22.15.0", "note"],
  ["v24.1.0", "v22.14.0", "problem"],
  ["v24.1.0", "v20.20.2", "problem"],
] as const)("run by %s, with %s on the PATH: %s", ([own, onPath, level]) => {
  expect(nodeFindings({ own, onPath, options: "" }).map((one) => one.level)).toEqual([level]);
});

test.for([
  ["--require pinchpoint/register --max-old-space-size=500", 0],
  ["--require pinchpoint/register --import=pinchpoint/register", 1],
  ["--require /a/node_modules/pinchpoint/lib/register.cjs --import pinchpoint/register", 1],
  ["--permission --allow-fs-read=*", 1],
  ["--experimental-permission", 1],
] as const)("NODE_OPTIONS %j: %d notes", ([options, count]) => {
  const notes = nodeFindings({ own: "v24.1.0", onPath: null, options }).filter(({ level }) => level === "note");
  expect(notes).toHaveLength(count);
});

const settings = (environment: NodeJS.ProcessEnv, free: boolean | null = true) =>
  settingsFindings({ environment, folder: "/nowhere", isFree: async () => free });

test("a setting is told with where it comes from", async () => {
  const environment = { PINCHPOINT_PORT: "9000", PINCHPOINT_HTTP_ROUTES: "/a" };
  expect((await settings(environment)).map(({ found }) => found)).toEqual([
    "no pinchpoint.config.json in /nowhere",
    "on 127.0.0.1:9000, by PINCHPOINT_PORT",
    "/a have names of their own, by PINCHPOINT_HTTP_ROUTES",
    "a stage begins at most 100 in a second, where an SDK keeps them, by default",
    "every unit is, of stages with up to 20000 in a second, by default",
    "streams, http-server, http, worker-threads, piscina, timers, by default",
  ]);
});

test("what is left out is told", async () => {
  expect((await settings({ PINCHPOINT_INCLUDE: "streams, piscina" })).at(-1)).toMatchObject({
    level: "note",
    found:
      "http-server, http, worker-threads, timers left out, by PINCHPOINT_INCLUDE: nothing of that is found by itself",
  });
});

test("a setting that makes no sense, and a port that nobody can have, are problems", async () => {
  const wrong = await settings({
    PINCHPOINT_PORT: "many",
    PINCHPOINT_HTTP_ROUTES: "a",
    PINCHPOINT_TRACES: "some",
    PINCHPOINT_TIMED: "some",
    PINCHPOINT_CONFIG: "/none.json",
    PINCHPOINT_INCLUDE: "kafka",
  });
  expect(levels(wrong)).toEqual([
    "problem settings",
    "problem /metrics",
    "problem HTTP routes",
    "problem traces",
    "problem timed",
    "problem include",
  ]);
  expect(levels(await settings({}, null))).toContain("problem /metrics");
});

test("an export that is asked for without an SDK is a problem", () => {
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318" };
  expect(levels(otlpFindings({ environment, hasSdk: true }))).toEqual(["ok OTLP"]);
  expect(levels(otlpFindings({ environment, hasSdk: false }))).toEqual(["problem OTLP"]);
  expect(levels(otlpFindings({ environment: {}, hasSdk: false }))).toEqual(["note OTLP"]);
  const disabled = { ...environment, OTEL_SDK_DISABLED: "true" };
  expect(levels(otlpFindings({ environment: disabled, hasSdk: false }))).toEqual(["note OTLP"]);
});

const SYSTEM = {
  platform: "linux",
  cores: 4,
  machineCores: 4,
  hasThreadTimes: true,
  folderProblem: null,
  temporaryFolder: "/temporary",
} as const;

test("what the system hides is a note, what it forbids is a problem", () => {
  expect(levels(systemFindings(SYSTEM))).toEqual(["ok machine", "ok hand-over"]);
  expect(systemFindings({ ...SYSTEM, cores: 1.5 })[0]?.found).toContain("1.5 of 4 cores");
  expect(levels(systemFindings({ ...SYSTEM, hasThreadTimes: false }))).toEqual(["note machine", "ok hand-over"]);
  expect(levels(systemFindings({ ...SYSTEM, folderProblem: "the disk is full" }))).toContain("problem hand-over");
});

const at = (name: string, version: string, place: string) => ({ name, version, folder: `/app/${place}/${name}` });

test("packages that must be there once are problems where they are there twice", () => {
  const packages = [
    at("pinchpoint", "0.1.0", "node_modules"),
    at("@pinchpoint/probe", "0.1.0", "node_modules"),
    at("@pinchpoint/probe", "0.1.0", "node_modules/a/node_modules"),
    at("@opentelemetry/sdk-metrics", "3.1.0", "node_modules"),
    at("@opentelemetry/sdk-trace-base", "2.1.0", "node_modules"),
    at("@opentelemetry/sdk-node", "0.301.0", "node_modules"),
  ];
  expect(packages.every(({ name }) => isOfInterest(name))).toBe(true);
  const findings = packageFindings(packages, "/app");
  expect(levels(findings)).toEqual(["ok packages", "problem packages", "note packages"]);
  expect(findings[1]?.found).toContain("@pinchpoint/probe is installed 2 times: 0.1.0 in /app/node_modules/@pinch");
  expect(findings[2]?.found).toContain("2 major versions");
  expect(packageFindings([], "/app")[0]?.remedy).toBe("npm install pinchpoint");
});

function recordingOf(
  items: readonly number[],
  resources: readonly (readonly [name: string, uses: number])[],
): Recording {
  const names = ["doctor-source", "doctor-calls", "doctor-sink"];
  return {
    header: {
      stages: names.map((name, id) => ({ id, name })),
      resources: resources.map(([name], id) => ({ id, name })),
    },
    snapshots: [
      {
        stages: names.map((_, stage) => ({ stage, items: items[stage] })),
        resources: resources.map(([, uses], resource) => ({ resource, uses })),
        losses: { "not-patched": 0 },
      },
    ],
  } as unknown as Recording;
}

test("what was seen of the self-test is ok, what was not is a problem", () => {
  const seen = recordingOf(
    [100, 100, 100],
    [
      ["127.0.0.1:1", 1],
      ["eval", 1],
      ["self-test.cjs", 0],
    ],
  );
  const sound = { exitCode: 0, errorOutput: "", recording: seen };
  expect(levels(recordingFindings(sound, null))).toEqual(["ok streams", "ok HTTP calls", "ok worker threads"]);
  expect(levels(recordingFindings(sound, "5.1.0"))).toContain("problem piscina 5.1.0");
  const half = recordingFindings({ ...sound, recording: recordingOf([100, 99, 100], []) }, null);
  expect(levels(half)).toEqual(["problem streams", "problem HTTP calls", "problem worker threads"]);
  const none = recordingFindings({ ...sound, recording: recordingOf([0, 0, 0], []) }, null);
  expect(none).toMatchObject([{ level: "problem", found: "none of 3 stages was seen" }]);
});

test("a self-test that fails, or hands nothing over, is a problem with what was said", () => {
  const failed = { exitCode: 1, errorOutput: "no such licence\nat x", recording: null };
  expect(recordingFindings(failed, null)).toMatchObject([
    { level: "problem", found: "a small pipeline ended with 1 under recording: no such licence" },
  ]);
  expect(recordingFindings({ ...failed, exitCode: null }, null)[0]?.found).toContain("did not end");
  expect(recordingFindings({ ...failed, exitCode: 0 }, null)).toMatchObject([{ level: "problem", about: "streams" }]);
});

test("a report has one mark for each thing, and lines of at most 100 columns", () => {
  const words = Array.from({ length: 40 }, (_, index) => `word${index}`).join(" ");
  const text = reportOf("1.2.3", [
    { level: "ok", about: "Node.js", found: "v24.1.0", remedy: null },
    { level: "problem", about: "settings", found: words, remedy: words },
  ]);
  expect(text).toMatch(/^pinchpoint 1\.2\.3 doctor\n\n ok {7}Node\.js {3}v24\.1\.0\n PROBLEM {2}settings {2}word0 /);
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(text.match(/word39/g)).toHaveLength(2);
  expect(text).toMatch(/\n1 thing is in the way\.\n$/);
});
