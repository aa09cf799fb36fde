import type { SystemFiles } from "./system-files.ts";

interface Mount {
  /** Path inside the hierarchy that is seen at `folder`. */
  readonly root: string;
  readonly folder: string;
}

/** Deeper nesting than this is not followed. */
const MAX_DEPTH = 64;

/**
 * The tightest CPU quota on the way from this process's cgroup up to the mount, in cores: version 2 (`cpu.max`) and
 * version 1 (`cpu.cfs_quota_us`, `cpu.cfs_period_us`), whichever is mounted, both where both are
 * (Linux Documentation/admin-guide/cgroup-v2.rst, Documentation/scheduler/sched-bwc.rst).
 *
 * @returns cores, > 0, may be fractional; null where no quota is set or none can be read
 */
export function quotaCores(files: SystemFiles): number | null {
  const groups = files.text("/proc/self/cgroup");
  const mounts = files.text("/proc/self/mountinfo");
  if (groups === null || mounts === null) return null;
  const quotas = [
    ...folders(pathOf(groups, ""), mountOf(mounts, "cgroup2", null)).map((folder) => unifiedQuota(files, folder)),
    ...folders(pathOf(groups, "cpu"), mountOf(mounts, "cgroup", "cpu")).map((folder) => splitQuota(files, folder)),
  ].filter((cores) => cores !== null);
  return quotas.length === 0 ? null : Math.min(...quotas);
}

/** The process's path in one hierarchy; version 2 is the line without a controller. */
function pathOf(groups: string, controller: string): string | null {
  for (const line of groups.split("\n")) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers?.split(",").includes(controller)) return path ?? null;
  }
  return null;
}

/** Fields of a line: proc_pid_mountinfo(5). */
function mountOf(mounts: string, type: string, controller: string | null): Mount | null {
  for (const line of mounts.split("\n")) {
    const [place, kind] = line.split(" - ", 2);
    const [, , , root, folder] = place?.split(" ") ?? [];
    const [fileSystem, , options] = kind?.split(" ") ?? [];
    if (fileSystem !== type || root === undefined || folder === undefined) continue;
    if (controller !== null && !options?.split(",").includes(controller)) continue;
    return { root: unescaped(root), folder: unescaped(folder) };
  }
  return null;
}

function unescaped(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** The group's folder and those above it, up to the mount: a quota binds everything below it. */
function folders(path: string | null, mount: Mount | null): string[] {
  if (path === null || mount === null) return [];
  const names = inside(path, mount.root).slice(0, MAX_DEPTH);
  return [mount.folder, ...names.map((_, last) => [mount.folder, ...names.slice(0, last + 1)].join("/"))];
}

/** Names below the mount's root; none where the group lies outside of what is mounted, as `..` shows. */
function inside(path: string, root: string): string[] {
  const prefix = root === "/" ? "/" : `${root}/`;
  if (!path.startsWith(prefix)) return [];
  const names = path
    .slice(prefix.length)
    .split("/")
    .filter((name) => name !== "");
  return names.includes("..") ? [] : names;
}

function unifiedQuota(files: SystemFiles, folder: string): number | null {
  const [quota, period] = files.text(`${folder}/cpu.max`)?.trim().split(" ") ?? [];
  return cores(quota, period);
}

function splitQuota(files: SystemFiles, folder: string): number | null {
  return cores(files.text(`${folder}/cpu.cfs_quota_us`)?.trim(), files.text(`${folder}/cpu.cfs_period_us`)?.trim());
}

/** "max" and -1 mean that there is no quota. */
function cores(quota: string | undefined, period: string | undefined): number | null {
  const ratio = Number(quota) / Number(period);
  return ratio > 0 && Number.isFinite(ratio) ? ratio : null;
}
