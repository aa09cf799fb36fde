import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, sep } from "node:path";

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** Its folder, real: what links lead to is one package. */
  readonly folder: string;
}

/** Folders that are looked into: a tree of links may lead anywhere. */
const MOST_FOLDERS = 20_000;

/**
 * Packages of these names in the folder's `node_modules`, in those within it, and in those above it, which Node looks
 * into as well.
 */
export function installedPackages(folder: string, isWanted: (name: string) => boolean): InstalledPackage[] {
  const found = new Map<string, InstalledPackage>();
  const seen = new Set<string>();
  const look = (modules: string): void => {
    for (const { name, path } of packagesIn(modules)) {
      const real = realPath(path);
      if (real === null || seen.has(real) || seen.size >= MOST_FOLDERS) continue;
      seen.add(real);
      const version = isWanted(name) ? versionIn(real) : null;
      if (version !== null) found.set(real, { name, version, folder: real });
      look(join(real, "node_modules"));
    }
  };
  for (let at = folder; ; at = dirname(at)) {
    look(join(at, "node_modules"));
    // pnpm keeps what packages depend on beside each other, out of their sight.
    for (const { path } of entriesOf(join(at, "node_modules", ".pnpm"))) look(join(path, "node_modules"));
    if (at === dirname(at)) break;
  }
  return [...found.values()].sort((one, other) => (one.folder < other.folder ? -1 : 1));
}

interface Entry {
  readonly name: string;
  readonly path: string;
}

function packagesIn(modules: string): Entry[] {
  return entriesOf(modules).flatMap((entry) =>
    entry.name.startsWith("@")
      ? entriesOf(entry.path).map(({ name, path }) => ({ name: `${entry.name}/${name}`, path }))
      : entry.name.startsWith(".")
        ? []
        : [entry],
  );
}

function entriesOf(folder: string): Entry[] {
  try {
    return readdirSync(folder).map((name) => ({ name, path: `${folder}${sep}${name}` }));
  } catch {
    return [];
  }
}

function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

function versionIn(folder: string): string | null {
  try {
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version?: unknown };
    return typeof version === "string" ? version : null;
  } catch {
    return null;
  }
}
