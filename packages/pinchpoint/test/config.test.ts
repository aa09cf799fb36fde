import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { disablingVariable, settingsOf } from "../src/config.ts";
import { portOf } from "../src/port.ts";
import { timedOf } from "../src/timed-setting.ts";
import { tracesOf } from "../src/traces-setting.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pinchpoint-config-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function writeConfig(text: string): string {
  const path = join(folder, "pinchpoint.config.json");
  writeFileSync(path, text);
  return path;
}

test.each([
  [undefined, 9464],
  ["", 9464],
  ["1", 1],
  ["65535", 65_535],
  ["off", null],
])("a port of %j is %j", (text, port) => {
  expect(portOf(text, "PINCHPOINT_PORT")).toBe(port);
});

test.each(["0", "65536", "-1", "80.5", "1e3", "0x50", " 80", "on", "NaN"])(
  "%j is no port, and is said to be none",
  (text) => {
    expect(() => portOf(text, "--port")).toThrow(`--port must be a port from 1 to 65535, or off, got "${text}".`);
  },
);

test.each([
  [undefined, 100],
  ["", 100],
  ["1", 1],
  ["100000", 100_000],
  ["off", 0],
])("traces of %j are %j a second", (text, perSecond) => {
  expect(tracesOf(text)).toEqual({ perSecond, problem: null });
});

test.each(["0", "-1", "1.5", "100001", "on", "NaN"])("%j is no rate of traces, and is said to be none", (text) => {
  const wanted = "a whole number of traces a second from 1 to 100000, or off";
  const problem = `traces (PINCHPOINT_TRACES) must be ${wanted}, got "${text}".`;
  expect(tracesOf(text)).toEqual({ perSecond: 100, problem });
});

test.each([
  [undefined, 20_000],
  ["", 20_000],
  ["0", 0],
  ["500", 500],
  ["all", Number.POSITIVE_INFINITY],
])("of units, %j a second are %j that are timed", (text, perSecond) => {
  expect(timedOf(text)).toEqual({ perSecond, problem: null });
});

test.each(["-1", "1.5", "1e3", "many", "NaN"])("%j is no rate of units, and is said to be none", (text) => {
  const problem = `timed (PINCHPOINT_TIMED) must be a whole number of units a second from 0 on, or all, got "${text}".`;
  expect(timedOf(text)).toEqual({ perSecond: 20_000, problem });
});

test("an empty folder is no folder", () => {
  const environment = { PINCHPOINT_HANDOVER: "" };
  expect(settingsOf(environment, folder).handOverFolder).toBe(null);
});

test("without a file and a variable nothing is set", () => {
  expect(settingsOf({}, folder)).toEqual({
    handOverFolder: null,
    disabledBy: null,
    portText: undefined,
    routesText: undefined,
    tracesText: undefined,
    timedText: undefined,
    includeText: undefined,
    pageText: undefined,
    buckets: undefined,
    file: { path: null, settings: {}, problem: null },
  });
});

test("the environment goes before the file, and the file before the defaults", () => {
  const path = writeConfig(
    '{ "port": 9000, "httpRoutes": ["/a", "POST /b"], "include": ["streams", "http"], "disabled": true, "traces": 5, "timed": "all", "page": "exporter", "buckets": { "default": [1] } }',
  );
  expect(settingsOf({}, folder)).toMatchObject({
    disabledBy: `${path} says "disabled"`,
    portText: "9000",
    routesText: "/a, POST /b",
    includeText: "streams, http",
    tracesText: "5",
    timedText: "all",
    pageText: "exporter",
    buckets: { default: [1] },
  });
  const environment = {
    PINCHPOINT_PORT: "off",
    PINCHPOINT_HTTP_ROUTES: "/c",
    PINCHPOINT_DISABLED: "false",
    PINCHPOINT_TRACES: "off",
    PINCHPOINT_TIMED: "7",
    PINCHPOINT_PAGE: "own",
  };
  expect(settingsOf(environment, folder)).toMatchObject({
    disabledBy: null,
    portText: "off",
    routesText: "/c",
    tracesText: "off",
    timedText: "7",
    pageText: "own",
  });
  expect(settingsOf({ PINCHPOINT_DISABLED: "1" }, folder).disabledBy).toBe("PINCHPOINT_DISABLED is set");
});

const OWN = "PINCHPOINT_DISABLED";
const STANDARD = "OTEL_SDK_DISABLED";

test.each<[NodeJS.ProcessEnv, string | null]>([
  [{ [OWN]: "true" }, OWN],
  [{ [OWN]: "1" }, OWN],
  [{ [OWN]: "false" }, null],
  [{ [OWN]: "" }, null],
  [{}, null],
  [{ [STANDARD]: "true" }, STANDARD],
  [{ [STANDARD]: "True" }, STANDARD],
  [{ [STANDARD]: "1" }, null],
  [{ [STANDARD]: "false" }, null],
  [{ [OWN]: "", [STANDARD]: "TRUE" }, STANDARD],
  [{ [OWN]: "false", [STANDARD]: "true" }, null],
  [{ [OWN]: "true", [STANDARD]: "false" }, OWN],
])("%j is disabled by: %j", (environment, expected) => {
  expect(disablingVariable(environment)).toBe(expected);
});

test("OpenTelemetry's variable goes before the file, but takes nothing back that the file disables", () => {
  writeConfig('{ "disabled": true }');
  const by = (environment: NodeJS.ProcessEnv) => settingsOf(environment, folder).disabledBy;
  expect(by({ [STANDARD]: "true" })).toBe("OTEL_SDK_DISABLED is set");
  expect(by({ [STANDARD]: "false" })).toContain('says "disabled"');
});
