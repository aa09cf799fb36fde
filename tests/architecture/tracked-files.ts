import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../../scripts/run-command.ts";

/** Paths, relative to the repository, of all files that are tracked or could be: neither ignored nor deleted. */
export function trackedFiles(): readonly string[] {
  const list = (...kind: string[]) =>
    execFileSync("git", ["ls-files", "-z", ...kind], { cwd: repositoryRoot, encoding: "utf8", maxBuffer: 2 ** 26 })
      .split("\0")
      .filter((path) => path !== "");
  const deleted = new Set(list("--deleted"));
  return [...new Set(list("--cached", "--others", "--exclude-standard"))].filter((path) => !deleted.has(path));
}

/** The text of a file, or null if it holds anything but text. */
export function textOf(path: string): string | null {
  const bytes = readFileSync(join(repositoryRoot, path));
  return bytes.includes(0) ? null : bytes.toString("utf8");
}
