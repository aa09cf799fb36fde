import { availableParallelism } from "node:os";
import { quotaCores } from "./cgroup.ts";
import { SYSTEM_FILES, type SystemFiles } from "./system-files.ts";

export interface CoresOptions {
  readonly files?: SystemFiles;
  /** Asked where the allowed cores cannot be read; default `os.availableParallelism`. */
  readonly parallelism?: () => number;
}

/**
 * Cores that this process can really use: the smaller of the cores that it is allowed on and the CPU quota of its
 * cgroups. `os.availableParallelism` alone will not do: it rounds a quota of 1.5 cores down to 1, and on a machine with
 * both cgroup versions it missed one of 1.5 altogether (Node 24.21, libuv 1.52). Costs about 0.2 ms; it can change
 * while the process runs.
 *
 * @returns cores, > 0, may be fractional
 */
export function coresAvailable({
  files = SYSTEM_FILES,
  parallelism = availableParallelism,
}: CoresOptions = {}): number {
  const allowed = allowedCores(files) ?? parallelism();
  return Math.min(allowed, quotaCores(files) ?? Number.POSITIVE_INFINITY);
}

/** The affinity mask also names cores that are only possible; those that are not online do not count. */
function allowedCores(files: SystemFiles): number | null {
  const allowed = coreSet(/^Cpus_allowed_list:\s*(\S+)$/m.exec(files.text("/proc/self/status") ?? "")?.[1]);
  const online = coreSet(files.text("/sys/devices/system/cpu/online")?.trim());
  if (allowed === null || online === null) return null;
  const count = [...allowed].filter((core) => online.has(core)).length;
  return count === 0 ? null : count;
}

/** Reads a list such as `0-3,8`. Linux is built for at most 8,192 cores, so a longer list is no list of cores. */
function coreSet(list: string | undefined): Set<number> | null {
  if (list === undefined || !/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(list)) return null;
  const cores = new Set<number>();
  for (const range of list.split(",")) {
    const [first, last] = range.split("-").map(Number) as [number, number | undefined];
    if ((last ?? first) >= 8192) return null;
    for (let core = first; core <= (last ?? first); core++) cores.add(core);
  }
  return cores;
}
