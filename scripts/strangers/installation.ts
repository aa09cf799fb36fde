import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { publishedPackages } from "../checks.ts";
import { repositoryRoot, runCommand } from "../run-command.ts";
import type { Stranger } from "./stranger.ts";

/** Where strangers live, outside of the repository; kept, so that a second run is quick. */
export const cacheFolder: string = join(process.env.XDG_CACHE_HOME ?? tmpdir(), "pinchpoint-strangers");
const QUIETLY = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"];

/**
 * Packs this repository's packages and installs them above all strangers, so that each finds `pinchpoint/register`.
 *
 * @throws Error where npm fails
 */
export async function installPinchpoint(): Promise<void> {
  mkdirSync(cacheFolder, { recursive: true });
  const packed = mkdtempSync(join(tmpdir(), "pinchpoint-packed-"));
  try {
    const folders = publishedPackages().map((folder) => join(repositoryRoot, folder));
    await npm(cacheFolder, ["pack", "--silent", "--pack-destination", packed, ...folders]);
    const tarballs = readdirSync(packed).map((name) => join(packed, name));
    for (const name of ["node_modules/pinchpoint", "node_modules/@pinchpoint", "package-lock.json"]) {
      rmSync(join(cacheFolder, name), { recursive: true, force: true });
    }
    // Without one of its own, npm would take the nearest folder above that has one.
    writeFileSync(join(cacheFolder, "package.json"), `${JSON.stringify({ private: true })}\n`);
    await npm(cacheFolder, ["install", ...QUIETLY, ...tarballs]);
  } finally {
    rmSync(packed, { recursive: true, force: true });
  }
}

/**
 * Installs a stranger, unless that is done, and writes its inputs.
 *
 * @returns its folder
 * @throws Error where npm fails
 */
export async function installStranger({ name, packages, inputs = {} }: Stranger): Promise<string> {
  const folder = join(cacheFolder, "strangers", name.replace(/[^\w.-]+/g, "-"));
  const manifest = `${JSON.stringify({ private: true, dependencies: packages }, null, 2)}\n`;
  const manifestPath = join(folder, "package.json");
  const isInstalled = existsSync(manifestPath) && readFileSync(manifestPath, "utf8") === manifest;
  if (!isInstalled) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(manifestPath, manifest);
    await npm(folder, ["install", ...QUIETLY]).catch((error) => {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    });
  }
  for (const [path, content] of Object.entries(inputs)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), [...content()].join(""));
  }
  return folder;
}

async function npm(folder: string, words: readonly string[]): Promise<void> {
  const { hasPassed, output } = await runCommand("npm", words, { cwd: folder });
  if (!hasPassed) throw new Error(`npm ${words[0]} failed in ${folder}\n${output}`);
}
