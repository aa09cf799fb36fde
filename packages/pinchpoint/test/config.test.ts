import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isDisabled, settingsOf } from "../src/config.ts";
import { portOf } from "../src/port.ts";

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
    file: { path: null, settings: {}, problem: null },
  });
});

test("the environment goes before the file, and the file before the defaults", () => {
  const path = writeConfig('{ "port": 9000, "httpRoutes": ["/a", "POST /b"], "disabled": true }');
  expect(settingsOf({}, folder)).toMatchObject({
    disabledBy: `${path} says "disabled"`,
    portText: "9000",
    routesText: "/a, POST /b",
  });
  const environment = { PINCHPOINT_PORT: "off", PINCHPOINT_HTTP_ROUTES: "/c", PINCHPOINT_DISABLED: "false" };
  expect(settingsOf(environment, folder)).toMatchObject({ disabledBy: null, portText: "off", routesText: "/c" });
  expect(settingsOf({ PINCHPOINT_DISABLED: "1" }, folder).disabledBy).toBe("PINCHPOINT_DISABLED is set");
});

test.each([
  ["true", true],
  ["1", true],
  ["false", false],
  ["", false],
  [undefined, false],
])("PINCHPOINT_DISABLED=%j disables: %j", (text, expected) => {
  expect(isDisabled(text === undefined ? {} : { PINCHPOINT_DISABLED: text })).toBe(expected);
});
