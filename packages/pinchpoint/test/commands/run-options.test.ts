import { expect, test } from "vitest";
import { runOptionsOf } from "../../src/commands/run-options.ts";

const NONE = {
  limitMs: null,
  graceMs: 10_000,
  everyMs: null,
  jsonFile: null,
  recordFile: null,
  disabledBy: null,
  hasPermissions: false,
  port: undefined,
};

test.each([
  [["--", "node", "app.js", "--for", "x"], { command: "node", args: ["app.js", "--for", "x"] }],
  [["node", "app.js", "--json", "x"], { command: "node", args: ["app.js", "--json", "x"] }],
  [["--for", "20s", "npm", "start", "--", "-x"], { command: "npm", args: ["start", "--", "-x"], limitMs: 20_000 }],
  [["--for=1m", "--every", "5s", "--", "a"], { command: "a", args: [], limitMs: 60_000, everyMs: 5000 }],
  [["--json", "v.json", "--record=r", "--", "a"], { command: "a", args: [], jsonFile: "v.json", recordFile: "r" }],
  [["--port", "9000", "--grace", "1s", "--", "a"], { command: "a", args: [], port: 9000, graceMs: 1000 }],
  [["--port", "off", "--", "a"], { command: "a", args: [], port: null }],
  [["--no-port", "--", "--odd"], { command: "--odd", args: [], port: null }],
])("%j is understood", (words, expected) => {
  expect(runOptionsOf(words, {})).toEqual({ ...NONE, ...expected });
});

test.each([
  [[], "give the command to run"],
  [["--"], "give the command to run"],
  [["--for", "20s"], "give the command to run"],
  [["--", ""], "give the command to run"],
  [["--pinch", "--", "a"], "unknown option '--pinch'"],
  [["--for", "soon", "--", "a"], '--for must be a duration such as 500ms, 20s, 5m or 2h (at most 24 days), got "soon"'],
  [["--every", "0s", "--", "a"], '--every must be a duration such as 500ms, 20s, 5m or 2h (at most 24 days), got "0s"'],
  [["--for", "--", "a"], "option '--for' needs a value"],
  [["--json=", "--", "a"], "--json must be the name of a file"],
  [["--port", "x", "--", "a"], '--port must be a port from 1 to 65535, or off, got "x"'],
  [["--port", "1", "--no-port", "--", "a"], "--port and --no-port exclude each other"],
  [["--no-port=1", "--", "a"], "option '--no-port' does not take an argument"],
])("%j is refused in one sentence", (words, sentence) => {
  const refused = () => runOptionsOf(words, {});
  expect(refused).toThrow(sentence);
  expect(refused).not.toThrow("\n");
  expect(refused).toThrow(expect.objectContaining({ name: "UsageError", exitCode: 2 }));
});

test("a port in the environment that is none is refused before anything starts", () => {
  expect(() => runOptionsOf(["--", "a"], { PINCHPOINT_PORT: "many" })).toThrow("PINCHPOINT_PORT must be a port");
});

test.each([
  [["--", "node", "--permission", "app.js"], {}, true],
  [["--", "node", "--experimental-permission"], {}, true],
  [["--", "npm", "start"], { NODE_OPTIONS: "--no-warnings --permission" }, true],
  [["--", "node", "app.js", "--permissions"], { NODE_OPTIONS: "--no-permission" }, false],
])("whether %j with %j asks for the permission model: %j", (words, environment, expected) => {
  expect(runOptionsOf(words, environment).hasPermissions).toBe(expected);
});

test("an integration that there is not is refused before anything starts", () => {
  const refused = () => runOptionsOf(["--", "a"], { PINCHPOINT_INCLUDE: "streams, kafka" });
  expect(refused).toThrow(/^include \(PINCHPOINT_INCLUDE\): there is no "kafka"; there are streams, .+, timers\.$/);
  expect(refused).toThrow(expect.objectContaining({ name: "UsageError" }));
});

test("routes in the environment that are none are refused before anything starts", () => {
  const environment = { PINCHPOINT_HTTP_ROUTES: "/v1/:model, health" };
  const refused = () => runOptionsOf(["--", "a"], environment);
  expect(refused).toThrow(/^httpRoutes \(PINCHPOINT_HTTP_ROUTES\): a route must be like .+, got "health"\.$/);
  expect(refused).toThrow(expect.objectContaining({ name: "UsageError" }));
});
