import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { publishedPackages } from "../../scripts/checks.ts";
import { repositoryRoot } from "../../scripts/run-command.ts";
import { trackedFiles } from "./tracked-files.ts";

type LockedPackage = {
  readonly resolved?: string;
  readonly link?: boolean;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

const files = trackedFiles();
const read = (path: string) => JSON.parse(readFileSync(join(repositoryRoot, path), "utf8"));

/** The locked package that `name` means when the package at `from` asks for it, as Node looks it up. */
function lockedFor(packages: Readonly<Record<string, LockedPackage>>, from: string, name: string) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("node_modules/") - 1))) {
    const found = packages[`${folder === "" ? "" : `${folder}/`}node_modules/${name}`];
    if (found !== undefined || folder === "") return found;
  }
}

describe("a lock file", () => {
  describe.for(files.filter((path) => path.endsWith("package-lock.json")))("%s", (path) => {
    const packages: Readonly<Record<string, LockedPackage>> = read(path).packages;
    const entries = Object.entries(packages);

    test("holds no download address", () => {
      expect(entries.filter(([, { resolved, link }]) => resolved !== undefined && link !== true)).toEqual([]);
    });

    test("holds the integrity of everything that is downloaded", () => {
      const isDownloaded = ([key, { link }]: (typeof entries)[number]) => key.includes("node_modules/") && !link;
      expect(entries.filter((entry) => isDownloaded(entry) && entry[1].integrity === undefined)).toEqual([]);
    });

    // The registry may lack a platform's binary of a new release; npm then leaves it out, and `npm ci` refuses.
    test("holds the binaries of every platform", () => {
      const wanted = entries.flatMap(([from, { optionalDependencies }]) =>
        Object.keys(optionalDependencies ?? {}).map((name) => ({ from, name })),
      );
      expect(wanted.filter(({ from, name }) => lockedFor(packages, from, name) === undefined)).toEqual([]);
    });
  });
});

test.for([
  ["the repository's", ""],
  ["the benchmark's", "bench/"],
])("every install script that %s lock file brings is allowed or denied by name", ([, folder]) => {
  const { allowScripts = {} } = read(`${folder}package.json`);
  const packages: Readonly<Record<string, LockedPackage>> = read(`${folder}package-lock.json`).packages;
  const withScript = Object.entries(packages)
    .filter(([, { hasInstallScript }]) => hasInstallScript === true)
    .map(([key]) => key.split("node_modules/").at(-1));
  expect(withScript.filter((name) => typeof allowScripts[String(name)] !== "boolean")).toEqual([]);
});

// Two minor versions side by side would each have an instrument registry of their own.
test("no OpenTelemetry SDK package is installed in two versions", () => {
  const packages: Readonly<Record<string, LockedPackage>> = read("package-lock.json").packages;
  const sdkNames = Object.keys(packages).flatMap(
    (key) => /node_modules\/(@opentelemetry\/sdk-[\w-]+)$/.exec(key)?.[1] ?? [],
  );
  expect(sdkNames.filter((name, index) => sdkNames.indexOf(name) !== index)).toEqual([]);
});

describe("a package.json", () => {
  test.for(files.filter((path) => path.endsWith("package.json")))("%s pins exact versions", (path) => {
    const { dependencies, devDependencies, optionalDependencies, overrides } = read(path);
    const pins = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies, ...overrides });
    expect(pins.filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(String(version)))).toEqual([]);
  });
});

describe("a published package", () => {
  describe.for([...publishedPackages()])("%s", (folder) => {
    const manifest = read(`${folder}/package.json`);

    test("has a README whose first line is its idea", () => {
      expect(readFileSync(join(repositoryRoot, folder, "README.md"), "utf8")).toMatch(/^(?:# )?\S+(?: \S+){4,}/);
    });

    test("says its licence, its runtime, its files and what it is", () => {
      expect(manifest).toMatchObject({
        license: "Apache-2.0",
        type: "module",
        engines: { node: ">=22.15" },
        files: expect.arrayContaining(["lib", "dist/**/*.d.ts"]),
        description: expect.stringMatching(/^.{20,}\.$/),
      });
    });

    test("lists each export by its name", () => {
      expect(Object.keys(manifest.exports)).toEqual(expect.arrayContaining([".", "./package.json"]));
      expect(Object.keys(manifest.exports).filter((subpath) => subpath.includes("*"))).toEqual([]);
    });

    test("gives the types of each export first", () => {
      const targets = Object.entries<unknown>(manifest.exports).filter(([subpath]) => subpath !== "./package.json");
      expect(targets.filter(([, target]) => Object.keys(Object(target))[0] !== "types")).toEqual([]);
    });
  });
});
