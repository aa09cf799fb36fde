import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { layers } from "../../.dependency-cruiser.mjs";
import { cruisedFolders } from "../../scripts/checks.ts";
import { repositoryRoot, runCommand } from "../../scripts/run-command.ts";

const trees: string[] = [];
afterAll(() => {
  for (const tree of trees) rmSync(tree, { recursive: true, force: true });
});

/** A repository of packages that are all built, joined as npm joins workspaces, with these source files in them. */
function plant(files: Readonly<Record<string, string>>): string {
  const tree = mkdtempSync(join(tmpdir(), "pinchpoint-layers-"));
  trees.push(tree);
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  };
  mkdirSync(join(tree, "node_modules/@pinchpoint"), { recursive: true });
  for (const folder of Object.keys(layers)) {
    const name = folder === "pinchpoint" ? folder : `@pinchpoint/${folder}`;
    write(`packages/${folder}/package.json`, JSON.stringify({ name, type: "module", exports: "./lib/index.js" }));
    write(`packages/${folder}/lib/index.js`, "export const value = 1;\n");
    write(`packages/${folder}/lib/hidden.js`, "export const value = 1;\n");
    write(`packages/${folder}/src/index.ts`, "export const value = 1;\n");
    symlinkSync(join(tree, "packages", folder), join(tree, "node_modules", name));
  }
  for (const name of ["@opentelemetry/api", "@opentelemetry/sdk-metrics", "left-pad"]) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: "index.js" }));
    write(`node_modules/${name}/index.js`, "exports.value = 1;\n");
  }
  for (const folder of ["examples", "scripts"]) mkdirSync(join(tree, folder));
  for (const [path, text] of Object.entries(files)) write(path, text);
  return tree;
}

async function cruise(cwd: string, folders: readonly string[]) {
  const config = join(repositoryRoot, ".dependency-cruiser.mjs");
  const { hasPassed, output } = await runCommand("depcruise", ["--config", config, ...folders], { cwd });
  const broken = [...output.matchAll(/error ([\w-]+): (\S+)/g)].map(([, rule, file]) => `${rule}: ${file}`);
  return { hasPassed, broken: [...new Set(broken)].toSorted(), output };
}

/** Rules that the files break, as "rule: file". */
async function check(files: Readonly<Record<string, string>>, expected: readonly string[]) {
  const { hasPassed, broken, output } = await cruise(plant(files), ["packages", "examples", "scripts"]);
  expect(broken, output).toEqual(expected.toSorted());
  expect(hasPassed).toBe(expected.length === 0);
}

const using = (name: string) => `import { value } from "${name}";\nexport const used = value;\n`;

describe("an import that is not in the table fails", () => {
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, readonly string[]])[] = [
    [
      "upward",
      { "packages/probe/src/up.ts": using("@pinchpoint/otel") },
      ["probe-imports-only-what-lies-below: packages/probe/src/up.ts"],
    ],
    [
      "upward, for a type only",
      {
        "packages/sketch/src/up.ts":
          'import type { value } from "@pinchpoint/probe";\nexport type Used = typeof value;\n',
      },
      ["sketch-imports-only-what-lies-below: packages/sketch/src/up.ts"],
    ],
    [
      "upward, when called late",
      { "packages/sketch/src/up.ts": 'export const used = () => import("@pinchpoint/probe");\n' },
      ["sketch-imports-only-what-lies-below: packages/sketch/src/up.ts"],
    ],
    [
      "sideways",
      { "packages/streams/src/side.ts": using("@pinchpoint/machine") },
      ["streams-imports-only-what-lies-below: packages/streams/src/side.ts"],
    ],
    [
      "a cycle of two packages",
      {
        "packages/streams/src/there.ts": using("@pinchpoint/machine"),
        "packages/machine/src/back.ts": using("@pinchpoint/streams"),
      },
      [
        "machine-imports-only-what-lies-below: packages/machine/src/back.ts",
        "streams-imports-only-what-lies-below: packages/streams/src/there.ts",
      ],
    ],
    [
      "a cycle of two files",
      { "packages/probe/src/a.ts": using("./b.ts"), "packages/probe/src/b.ts": using("./a.ts") },
      ["no-cycle: packages/probe/src/a.ts"],
    ],
    [
      "the SDK outside otel",
      { "packages/pinchpoint/src/sdk.ts": using("@opentelemetry/sdk-metrics") },
      ["pinchpoint-imports-only-its-libraries: packages/pinchpoint/src/sdk.ts"],
    ],
    [
      "a library that the layer does not name",
      { "packages/sketch/src/pad.ts": using("left-pad") },
      ["sketch-imports-only-its-libraries: packages/sketch/src/pad.ts"],
    ],
    [
      "Node in a package for browsers",
      { "packages/verdict/src/file.ts": using("node:fs"), "packages/sketch/src/file.ts": using("fs") },
      [
        "verdict-runs-without-node: packages/verdict/src/file.ts",
        "sketch-runs-without-node: packages/sketch/src/file.ts",
      ],
    ],
    [
      "another package's source by its path",
      { "packages/probe/src/inside.ts": using("../../sketch/src/index.ts") },
      ["package-internals-stay-inside: packages/probe/src/inside.ts"],
    ],
    [
      "a package's source from a script",
      { "scripts/peek.ts": using("../packages/sketch/src/index.ts"), "scripts/fine.ts": using("@pinchpoint/sketch") },
      ["package-internals-stay-inside-packages: scripts/peek.ts"],
    ],
    [
      "another package's file that its exports do not list",
      { "packages/probe/src/inside.ts": using("@pinchpoint/sketch/lib/hidden.js") },
      ["not-resolvable: packages/probe/src/inside.ts"],
    ],
    [
      "Pinchpoint in an example",
      { "examples/app/src/main.ts": using("pinchpoint") },
      ["example-is-ordinary-code: examples/app/src/main.ts"],
    ],
    [
      "the entry of an example that declares its stages, from another file of it",
      {
        "examples/app/src/explicit-main.ts": using("pinchpoint"),
        "examples/app/src/main.ts": 'import { used } from "./explicit-main.ts";\nexport const alsoUsed = used;\n',
      },
      ["example-runs-without-pinchpoint: examples/app/src/main.ts"],
    ],
    [
      "a test from source",
      { "packages/probe/src/a.ts": using("../test/b.ts"), "packages/probe/test/b.ts": "export const value = 1;\n" },
      ["source-needs-no-test: packages/probe/src/a.ts"],
    ],
    [
      "a file that nothing imports and that imports nothing",
      { "packages/probe/src/forgotten.ts": "export const value = 1;\n" },
      ["no-orphan: packages/probe/src/forgotten.ts"],
    ],
  ];
  test.for(cases)("%s", async ([, files, expected]) => {
    await check(files, expected);
  });
});

test("every arrow of the table may be used", async () => {
  const arrows = Object.entries(layers).flatMap(([from, { packages }]) => packages.map((to) => ({ from, to })));
  await check(
    Object.fromEntries([
      ...arrows.map(({ from, to }) => [`packages/${from}/src/on-${to}.ts`, using(`@pinchpoint/${to}`)]),
      ["packages/otel/src/sdk.ts", using("@opentelemetry/sdk-metrics")],
      ["packages/probe/src/span.ts", using("@opentelemetry/api")],
      ["packages/probe/src/clock.ts", using("node:process")],
    ]),
    [],
  );
});

test("no arrow of the table points to a package listed later, so packages cannot form a cycle", () => {
  const order = Object.keys(layers);
  const upward = order.flatMap((from, index) =>
    (layers[from]?.packages ?? []).filter((to) => !order.slice(0, index).includes(to)).map((to) => `${from} -> ${to}`),
  );
  expect(upward).toEqual([]);
});

test("every package has its row in the table", () => {
  expect(Object.keys(layers).toSorted()).toEqual(readdirSync(join(repositoryRoot, "packages")).toSorted());
});

test("this repository keeps to its layers", async () => {
  const { hasPassed, output } = await cruise(repositoryRoot, cruisedFolders);
  expect(output).toContain("no dependency violations found");
  expect(hasPassed).toBe(true);
});
