import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BUCKET_NAMES } from "../src/buckets-setting.ts";
import { readConfigFile } from "../src/config-file.ts";
import { INTEGRATIONS } from "../src/integration-names.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pinchpoint-config-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function configOf(text: string) {
  const path = join(folder, "pinchpoint.config.json");
  writeFileSync(path, text);
  return { path, file: readConfigFile(undefined, folder) };
}

test("a folder without the file has no settings, and that is no problem", () => {
  expect(readConfigFile(undefined, folder)).toEqual({ path: null, settings: {}, problem: null });
  expect(readConfigFile("", folder).path).toBe(null);
});

test("a file that was named must be there", () => {
  const path = join(folder, "other.json");
  expect(readConfigFile(path, folder).problem).toBe(`cannot read ${path} (ENOENT).`);
  expect(readConfigFile(folder, folder).problem).toBe(`cannot read ${folder} (EISDIR).`);
  writeFileSync(path, "{}");
  expect(readConfigFile(path, folder)).toEqual({ path, settings: {}, problem: null });
});

test("what a file says is its settings", () => {
  const settings = {
    $schema: "./config.schema.json",
    disabled: false,
    port: "off",
    httpRoutes: ["GET a.example/v1/:id"],
    page: "exporter",
    buckets: { default: [0.1, 1], "pinchpoint.stage.duration": [0.005] },
  };
  const { path, file } = configOf(JSON.stringify(settings));
  expect(file).toEqual({ path, settings, problem: null });
});

test.for([
  ["", "it is not JSON"],
  ["{ port: 1 }", "it is not JSON"],
  ["[]", 'it must hold one object, such as { "port": 9464 }'],
  ["null", 'it must hold one object, such as { "port": 9464 }'],
  [
    '{ "prot": 1 }',
    'there is no setting "prot"; the settings are disabled, port, httpRoutes, traces, timed, include, page, buckets',
  ],
  [
    '{ "toString": 1 }',
    'there is no setting "toString"; the settings are disabled, port, httpRoutes, traces, timed, include, page, buckets',
  ],
  ['{ "port": 0 }', '"port" must be a port from 1 to 65535, or off, got 0'],
  ['{ "port": "9464" }', '"port" must be a port, or off, got "9464"'],
  ['{ "disabled": "yes" }', '"disabled" must be true or false, got "yes"'],
  ['{ "httpRoutes": "/a" }', '"httpRoutes" must be a list of texts, one route each, got "/a"'],
  ['{ "httpRoutes": ["/a, /b"] }', '"httpRoutes" must be a list of texts, one route each, got ["/a, /b"]'],
  ['{ "traces": "many" }', '"traces" must be a whole number of traces a second from 1 to 100000, or off, got "many"'],
  ['{ "traces": 0 }', '"traces" must be a whole number of traces a second from 1 to 100000, or off, got 0'],
  ['{ "timed": "some" }', '"timed" must be a whole number of units a second from 0 on, or all, got "some"'],
  ['{ "timed": -1 }', '"timed" must be a whole number of units a second from 0 on, or all, got -1'],
  [
    '{ "include": ["streams", "kafka"] }',
    '"include" must be a list of streams, http-server, http, worker-threads, piscina, timers, got ["streams","kafka"]',
  ],
  ['{ "page": "mine" }', '"page" must be own, or exporter, got "mine"'],
  ...['{"stage":[1]}', '{"default":[2,1]}', '{"default":["1"]}', '{"default":[0,1]}', "[1,2]"].map(
    (given) =>
      [
        `{ "buckets": ${given} }`,
        `"buckets" must be an object of ${BUCKET_NAMES.join(", ")}, each a list of up to 100 ascending numbers of seconds > 0, got ${given}`,
      ] as const,
  ),
  [" ".repeat(70_000), "it is longer than 65536 bytes"],
] as const)("a file that makes no sense is left out as a whole, with one sentence: %j", ([text, sentence]) => {
  const { path, file } = configOf(text);
  expect(file).toEqual({ path, settings: {}, problem: `${path}: ${sentence}.` });
});

test("the schema knows the same settings", () => {
  const schema = JSON.parse(readFileSync(new URL("../config.schema.json", import.meta.url), "utf8")) as {
    properties: { include: { items: { enum: string[] } }; buckets: { properties: object } };
    additionalProperties: boolean;
  };
  expect(Object.keys(schema.properties).sort()).toEqual([
    "$schema",
    "buckets",
    "disabled",
    "httpRoutes",
    "include",
    "page",
    "port",
    "timed",
    "traces",
  ]);
  expect(schema.properties.include.items.enum).toEqual([...INTEGRATIONS]);
  expect(Object.keys(schema.properties.buckets.properties)).toEqual([...BUCKET_NAMES]);
  expect(schema.additionalProperties).toBe(false);
});

test("the example of the README is a file that makes sense", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const { file } = configOf(/```json\n([\s\S]*?)```/.exec(readme)?.[1] ?? "");
  expect(file).toMatchObject({ problem: null, settings: { port: 9464, httpRoutes: expect.any(Array) } });
});
