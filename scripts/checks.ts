import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "./run-command.ts";

export type Check = {
  readonly name: string;
  readonly command: string;
  readonly parameters: readonly string[];
};

/** What is cruised; bench and tests/peers have lock files of their own. */
export const cruisedFolders: readonly string[] = ["packages", "examples", "scripts", "tests"];

/** Every check that needs no test runner, the longest first so that two at a time end together. */
export function staticChecks(): readonly Check[] {
  return [
    { name: "types of tests", command: "tsc", parameters: ["-p", "tsconfig.test.json"] },
    ...publishedPackages().map((folder) => ({
      name: `publint, attw ${folder}`,
      command: "node",
      parameters: ["scripts/check-package.ts", folder],
    })),
    { name: "knip", command: "knip", parameters: ["--no-progress", "--no-config-hints"] },
    {
      name: "layers",
      command: "depcruise",
      parameters: ["--config", ".dependency-cruiser.mjs", ...cruisedFolders],
    },
    { name: "biome", command: "biome", parameters: ["check", "--error-on-warnings"] },
    { name: "figures in the documentation", command: "node", parameters: ["scripts/docs.ts", "--check"] },
  ];
}

/** @returns the folders, relative to the repository, of all packages that go to a registry */
export function publishedPackages(): readonly string[] {
  return readdirSync(join(repositoryRoot, "packages"))
    .map((name) => `packages/${name}`)
    .filter((folder) => {
      const manifest = join(repositoryRoot, folder, "package.json");
      return existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).private !== true;
    });
}
