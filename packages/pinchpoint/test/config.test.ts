import { expect, test } from "vitest";
import { isDisabled, portOf, settingsOf } from "../src/config.ts";

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
  expect(settingsOf({ PINCHPOINT_HANDOVER: "" })).toEqual({
    handOverFolder: null,
    portText: undefined,
    routesText: undefined,
  });
  expect(settingsOf({ PINCHPOINT_HANDOVER: "/x", PINCHPOINT_PORT: "bad", PINCHPOINT_HTTP_ROUTES: "/y" })).toEqual({
    handOverFolder: "/x",
    portText: "bad",
    routesText: "/y",
  });
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
