import { expect, test } from "vitest";
import { ownOsThreadId, ProcessTimes, threadTimes } from "../src/cpu.ts";
import { files } from "./files.ts";

function threads(schedstats: Readonly<Record<number, string>>) {
  return files(
    Object.fromEntries(Object.entries(schedstats).map(([id, text]) => [`/proc/self/task/${id}/schedstat`, text])),
  );
}

const usage = () => ({ user: 1_500_000, system: 500_000 });

/** Run-queue seconds of each reading, one after the other. */
function check(readings: readonly Readonly<Record<number, string>>[], runQueueSeconds: readonly (number | null)[]) {
  let now = threads({});
  const times = new ProcessTimes({
    usage,
    files: { ...now, shortText: (path) => now.shortText(path), names: (folder) => now.names(folder) },
  });
  const seen = readings.map((schedstats) => {
    now = threads(schedstats);
    return times.read().runQueueSeconds;
  });
  expect(seen).toEqual(runQueueSeconds);
}

test("the own thread's id is the last part of where /proc/thread-self points", () => {
  expect(ownOsThreadId(files({}, { "/proc/thread-self": "6017/task/6021" }))).toBe(6021);
});

test("without /proc a thread does not know its id", () => {
  for (const links of [{}, { "/proc/thread-self": "6017" }, { "/proc/thread-self": "6017/task/x" }]) {
    expect(ownOsThreadId(files({}, links))).toBeNull();
  }
});

test("a thread's CPU time and its wait for a core are told in seconds", () => {
  expect(threadTimes(7, threads({ 7: "2500000000 750000000 12\n" }))).toEqual({
    cpuSeconds: 2.5,
    runQueueSeconds: 0.75,
  });
});

test("a thread that never had to wait has waited 0 seconds", () => {
  expect(threadTimes(7, threads({ 7: "1000000 0 3\n" }))).toEqual({ cpuSeconds: 0.001, runQueueSeconds: 0 });
});

test("a kernel that does not count, a thread that has ended and nonsense are null, not 0", () => {
  for (const schedstat of ["0 0 0\n", "", "1 2", "-1 2 3\n", "a b c\n", "1 2 3 4\n"]) {
    expect(threadTimes(7, threads({ 7: schedstat }))).toEqual({ cpuSeconds: null, runQueueSeconds: null });
  }
  expect(threadTimes(7, files({}))).toEqual({ cpuSeconds: null, runQueueSeconds: null });
  expect(threadTimes(Number.NaN, files({}))).toEqual({ cpuSeconds: null, runQueueSeconds: null });
});

test("a process waits as long as all of its threads together", () => {
  check([{ 1: "5 1000000000 1", 2: "5 500000000 1" }], [1.5]);
});

test("a thread that ended leaves its last wait in the total", () => {
  check(
    [{ 1: "5 1000000000 1", 2: "5 500000000 1" }, { 1: "5 1250000000 2" }, { 1: "5 1250000000 2" }],
    [1.5, 1.75, 1.75],
  );
});

test("a thread that takes over an ended one's id is added to it", () => {
  check([{ 1: "5 1000000000 9" }, { 1: "5 250000000 1" }, { 1: "5 500000000 2" }], [1, 1.25, 1.5]);
});

test("a thread that vanishes while it is read leaves its last wait in the total", () => {
  check(
    [
      { 1: "5 1000000000 9", 2: "5 1000000000 9" },
      { 1: "5 1000000000 9", 2: "" },
    ],
    [2, 2],
  );
});

test("a thread that has not run yet adds nothing, and hides nothing", () => {
  check(
    [
      { 1: "5 1000000000 9", 2: "0 0 0" },
      { 1: "5 1000000000 9", 2: "5 500000000 1" },
    ],
    [1, 1.5],
  );
});

test("a process whose kernel does not count has an unknown wait, but a known CPU time", () => {
  check([{ 1: "0 0 0", 2: "0 0 0" }], [null]);
  expect(new ProcessTimes({ files: files({}), usage }).read()).toEqual({ cpuSeconds: 2, runQueueSeconds: null });
});

test("a process with very many threads is read within a bound", () => {
  let reads = 0;
  const many = Array.from({ length: 5000 }, (_, index) => String(index + 1));
  const times = new ProcessTimes({
    usage,
    files: {
      ...files({}),
      names: () => many,
      shortText: () => {
        reads += 1;
        return "1 1000000 1";
      },
    },
  });
  expect(times.read().runQueueSeconds).toBeCloseTo(1.024, 9);
  expect(reads).toBe(1024);
});

test("a thread is told as of the last reading of all, and one that came later is read now", () => {
  let now = threads({ 7: "1000000000 500000000 3\n" });
  const times = new ProcessTimes({
    usage,
    files: { ...now, shortText: (path) => now.shortText(path), names: (folder) => now.names(folder) },
  });
  times.read();
  now = threads({ 7: "9000000000 0 9\n", 8: "2000000000 0 1\n" });
  expect(times.lastOf(7)).toEqual({ cpuSeconds: 1, runQueueSeconds: 0.5 });
  expect(times.lastOf(8)).toEqual({ cpuSeconds: 2, runQueueSeconds: 0 });
  expect(times.lastOf(9)).toEqual({ cpuSeconds: null, runQueueSeconds: null });
});
