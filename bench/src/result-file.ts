import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import type { CaseResult } from "./case-result.ts";

export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly node: string;
  readonly platform: string;
  readonly arch: string;
}

/** What `--json` writes. `overhead` and `join` add what else they found. */
export interface BenchmarkFile {
  readonly machine: Machine;
  /** Of Node's engine, of ourselves, and of everything that we are compared with. */
  readonly versions: Readonly<Record<string, string>>;
  readonly cases: readonly CaseResult[];
}

export function machineOfThis(): Machine {
  const processor = cpus()[0]?.model.trim() || "unknown";
  return {
    cores: availableParallelism(),
    processor,
    node: process.version,
    platform: process.platform,
    arch: arch(),
  };
}

/** @param peers - exact versions by package */
export function versionsBeside(peers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const manifest = join(import.meta.dirname, "../../packages/pinchpoint/package.json");
  return { v8: process.versions.v8, pinchpoint: JSON.parse(readFileSync(manifest, "utf8")).version, ...peers };
}
