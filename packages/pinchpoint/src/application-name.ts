import { basename, dirname, extname, join, resolve } from "node:path";

// Not imported: an import reads all of its exports, one of which loads promises, and with them streams and readline.
const { readFileSync, realpathSync, statSync } = process.getBuiltinModule("node:fs");

/** Programs that start others: what they stream (downloads, logs) is nobody's pipeline. */
const LAUNCHERS: ReadonlySet<string> = new Set(["npm", "pnpm", "yarn", "corepack", "tsx", "nodemon", "pinchpoint"]);

export interface Application {
  /** The same from run to run. */
  readonly name: string;
  /** A package manager or the like, which is there to start the application. */
  readonly isLauncher: boolean;
}

/**
 * Who the process is: the name in the nearest package.json above its main script, else the script's own name.
 *
 * @param script - `process.argv[1]`; nothing for code from the command line or from stdin
 */
export function applicationOf(script: string | undefined): Application {
  if (script === undefined || script === "" || script === "-") return { name: "node", isLauncher: false };
  const path = realPath(resolve(script));
  const packageName = nearestPackageName(isFolder(path) ? path : dirname(path));
  const name = packageName ?? (basename(path, extname(path)) || "node");
  return { name: name.slice(0, 100), isLauncher: packageName !== null && LAUNCHERS.has(packageName) };
}

function nearestPackageName(folder: string): string | null {
  for (let at = folder; ; at = dirname(at)) {
    const name = packageNameIn(at);
    if (name !== null || at === dirname(at)) return name;
  }
}

/** A package.json without a name (one that only says `"type": "module"`) does not tell, so the search goes on. */
function packageNameIn(folder: string): string | null {
  try {
    const { name } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { name?: unknown };
    return typeof name === "string" && name !== "" ? name : null;
  } catch {
    return null;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
