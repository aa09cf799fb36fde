import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "./run-command.ts";

/**
 * Packs the package as it would be published and has publint and attw judge the tarball.
 *
 * @param folder - relative to the repository, for example "packages/sketch"
 * @returns whether it can be published, and what both tools said
 */
export async function checkPackage(folder: string): Promise<{ hasPassed: boolean; output: string }> {
  const packed = mkdtempSync(join(tmpdir(), "pinchpoint-pack-"));
  try {
    const packing = await runCommand("npm", ["pack", "--workspace", folder, "--pack-destination", packed, "--silent"]);
    const tarball = readdirSync(packed).find((name) => name.endsWith(".tgz"));
    if (!packing.hasPassed || tarball === undefined) return { hasPassed: false, output: packing.output };
    const path = join(packed, tarball);
    // esm-only: our packages do not promise that CommonJS resolution of types works, Node >= 22 requires ESM itself.
    const results = [
      await runCommand("publint", ["run", path, "--strict"]),
      await runCommand("attw", [path, "--profile", "esm-only", "--format", "ascii", "--no-emoji", "--no-color"]),
    ];
    return {
      hasPassed: results.every((result) => result.hasPassed),
      output: results.map((result) => result.output).join("\n"),
    };
  } finally {
    rmSync(packed, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  const folder = process.argv[2];
  if (folder === undefined) throw new Error("usage: node scripts/check-package.ts packages/NAME");
  const { hasPassed, output } = await checkPackage(folder);
  console.log(output);
  if (!hasPassed) process.exitCode = 1;
}
