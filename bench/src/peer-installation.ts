import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../../scripts/run-command.ts";

const FOLDER = join(import.meta.dirname, "..");
const LOCK = join(FOLDER, "package-lock.json");
/** Says which lock file the packages were installed from. */
const INSTALLED = join(FOLDER, "node_modules/.installed-lock");
const LIMIT_MS = 10 * 60_000;

/**
 * Installs the packages that we are compared with, unless those of this lock file are there.
 *
 * @throws Error where npm fails
 */
export async function installPeers(): Promise<void> {
  const key = createHash("sha256").update(readFileSync(LOCK)).digest("hex");
  if (existsSync(INSTALLED) && readFileSync(INSTALLED, "utf8") === key) return;
  console.error("Installing what we are compared with (bench/package-lock.json) …");
  const words = ["ci", "--prefix", FOLDER, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const { hasPassed, output } = await runCommand("npm", words, { cwd: FOLDER, limitMs: LIMIT_MS });
  if (!hasPassed) throw new Error(`npm ci --prefix bench failed\n${output}`);
  writeFileSync(INSTALLED, key);
}

/** Exact versions of the packages that we are compared with, as the manifest pins them. */
export function peerVersions(): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(join(FOLDER, "package.json"), "utf8")).dependencies;
}
