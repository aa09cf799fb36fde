import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export type Peer = { readonly folder: string } | { readonly missing: string };

const LIMIT_MS = 10 * 60_000;

/**
 * Packages that a test runs against: what the lock file in `tests/peers/NAME` pins, installed outside of the repository,
 * once for each content of that lock file.
 */
export function installedPeer(name: string): Peer {
  return installed(name, ["package-lock.json", "package.json"], () => [
    "npm",
    ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
  ]);
}

/** The same of Python's packages, which `requirements.txt` pins with their hashes. */
export function installedPythonPeer(name: string): Peer {
  return installed(name, ["requirements.txt"], (folder) => [
    "python3",
    ["-m", "pip", "install", "--require-hashes", "--no-deps", "--target", folder, "--requirement", "requirements.txt"],
  ]);
}

/** @param files - of the peer's folder; the first pins what is installed */
function installed(
  name: string,
  files: readonly [string, ...string[]],
  command: (folder: string) => readonly [string, readonly string[]],
): Peer {
  const from = fileURLToPath(new URL(name, import.meta.url));
  const lock = readFileSync(join(from, files[0]));
  const key = createHash("sha256").update(lock).digest("hex").slice(0, 16);
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pinchpoint-peers");
  const folder = join(cache, `${name}-${key}`);
  if (existsSync(folder)) return { folder };
  const fresh = join(cache, `${name}-${key}-${process.pid}`);
  try {
    mkdirSync(fresh, { recursive: true });
    for (const file of files) cpSync(join(from, file), join(fresh, file));
    const [program, words] = command(fresh);
    execFileSync(program, words, { cwd: fresh, stdio: ["ignore", "ignore", "pipe"], timeout: LIMIT_MS });
    renameSync(fresh, folder);
    return { folder };
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    if (existsSync(folder)) return { folder };
    return { missing: `${name} could not be installed: ${String(error).split("\n")[0]}` };
  }
}
