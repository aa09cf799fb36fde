import { cpus } from "node:os";
import { expect, test } from "vitest";
import { coresAvailable } from "../src/cores.ts";
import { files } from "./files.ts";

const MOUNT_V2 = "30 23 0:28 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate";
const MOUNT_V1 = "33 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct";

interface Machine {
  readonly allowed?: string;
  readonly online?: string;
  readonly groups?: string;
  readonly mounts?: string;
  readonly limits?: Readonly<Record<string, string>>;
}

function check(
  { allowed = "0-7", online = "0-7", groups = "0::/\n", mounts = MOUNT_V2, limits }: Machine,
  cores: number,
) {
  const machine = files({
    "/proc/self/status": `Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t${allowed}\n`,
    "/sys/devices/system/cpu/online": `${online}\n`,
    "/proc/self/cgroup": groups,
    "/proc/self/mountinfo": `22 1 8:1 / / rw - ext4 /dev/vda rw\n${mounts}\n`,
    ...limits,
  });
  expect(coresAvailable({ files: machine, parallelism: () => 99 })).toBe(cores);
}

test("without a quota the cores of the affinity mask are available", () => {
  check({}, 8);
  check({ allowed: "0,2-3,6" }, 4);
});

test("a core that is possible but not online does not count", () => {
  check({ allowed: "0-127", online: "0-1,4" }, 3);
});

test("a fractional quota is kept as it is", () => {
  check({ limits: { "/sys/fs/cgroup/cpu.max": "150000 100000\n" } }, 1.5);
  check({ limits: { "/sys/fs/cgroup/cpu.max": "20000 100000\n" } }, 0.2);
});

test("a quota wider than the mask does not add cores", () => {
  check({ allowed: "0-1", limits: { "/sys/fs/cgroup/cpu.max": "800000 100000\n" } }, 2);
});

test("the tightest quota on the way up binds, wherever it is set", () => {
  const groups = "0::/kubepods/pod1/app\n";
  const max = (quotas: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(quotas).map(([path, text]) => [`/sys/fs/cgroup${path}/cpu.max`, text]));
  check({ groups, limits: max({ "/kubepods/pod1/app": "max 100000", "/kubepods/pod1": "300000 100000" }) }, 3);
  check({ groups, limits: max({ "/kubepods/pod1/app": "200000 100000", "/kubepods": "500000 100000" }) }, 2);
});

test("version 1 tells its quota in two files, and -1 is none", () => {
  const at = (quota: string) => ({
    "/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us": quota,
    "/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us": "100000\n",
  });
  const groups = "4:memory:/other\n3:cpu,cpuacct:/job\n";
  check({ groups, mounts: MOUNT_V1, limits: at("250000\n") }, 2.5);
  check({ groups, mounts: MOUNT_V1, limits: at("-1\n") }, 8);
});

test("with both versions mounted the tighter one binds", () => {
  const mounts = `${MOUNT_V1}\n${MOUNT_V2.replace("/sys/fs/cgroup ", "/sys/fs/cgroup/unified ")}`;
  const limits = {
    "/sys/fs/cgroup/unified/job/cpu.max": "300000 100000\n",
    "/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us": "150000\n",
    "/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us": "100000\n",
  };
  check({ groups: "3:cpu,cpuacct:/job\n0::/job\n", mounts, limits }, 1.5);
});

test("a container sees its own group at the mount, under the path that the host knows", () => {
  const mounts = MOUNT_V2.replace(" / /sys", " /docker/abc /sys");
  check({ groups: "0::/docker/abc\n", mounts, limits: { "/sys/fs/cgroup/cpu.max": "100000 100000" } }, 1);
  check({ groups: "0::/docker/abc/in", mounts, limits: { "/sys/fs/cgroup/in/cpu.max": "100000 100000" } }, 1);
});

test("a group outside of what is mounted is judged by the mount alone", () => {
  const limits = { "/sys/fs/cgroup/cpu.max": "400000 100000", "/sys/fs/cgroup/../x/cpu.max": "100000 100000" };
  check({ groups: "0::/../x\n", limits }, 4);
});

test("a mount at a path with a blank is found", () => {
  const mounts = MOUNT_V2.replace("/sys/fs/cgroup ", "/my\\040groups ");
  check({ mounts, limits: { "/my groups/cpu.max": "100000 100000" } }, 1);
});

test("nonsense in a limit is no limit", () => {
  for (const text of ["", "max", "0 100000", "-5 100000", "100000 0", "x y"]) {
    check({ limits: { "/sys/fs/cgroup/cpu.max": text } }, 8);
  }
});

test("where the mask is missing or unreadable, the system's own count serves", () => {
  expect(coresAvailable({ files: files({}), parallelism: () => 6 })).toBe(6);
  for (const allowed of ["", "x", "0-99999999", "9"]) check({ allowed }, 99);
});

test("this machine has between a little and all of its cores available", () => {
  const cores = coresAvailable();
  expect(cores).toBeGreaterThan(0);
  expect(cores).toBeLessThanOrEqual(cpus().length);
});
