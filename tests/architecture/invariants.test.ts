import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const repositoryRoot = join(import.meta.dirname, "../..");
const architecture = readFileSync(join(repositoryRoot, "docs/ARCHITECTURE.md"), "utf8");
const rows = architecture
  .slice(architecture.indexOf("## Invariants"))
  .split("\n")
  .filter((line) => /^\| .+ \| `.+` \|$/.test(line));

test("each invariant of the architecture names tests that exist", () => {
  const named = rows.flatMap((row) => {
    const paths = [...row.matchAll(/`([^`]+)`/g)].map(([, path]) => path as string).filter((path) => /[/.]/.test(path));
    // A name without a folder stands beside the one before it.
    const folder = dirname(paths[0] as string);
    return paths.map((path) => (path.includes("/") ? path : join(folder, path)));
  });
  expect(named.length).toBeGreaterThanOrEqual(rows.length);
  expect(rows.length).toBeGreaterThan(10);
  expect(named.filter((path) => !existsSync(join(repositoryRoot, path)))).toEqual([]);
});
