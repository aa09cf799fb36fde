import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { acknowledgedName, Progress } from "../src/progress.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flight-features-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("progress is told at most twice a second, and the file holds what was told last", async () => {
  let nowMs = 1000;
  const lines: string[] = [];
  const progress = new Progress({ folder, show: (line) => lines.push(line), nowMs: () => nowMs });
  for (let batch = 0; batch < 30; batch++) {
    nowMs += 100;
    progress.acknowledge({ flights: 1000, rejectedRows: 1 });
  }
  expect(lines).toHaveLength(6);
  expect(lines[0]).toBe("flights 5,000 · batches 5 · 10,000 flights/s");
  const told = await progress.finish();
  expect(told).toEqual({ rows: 30_000, batches: 30, rejectedRows: 30, seconds: 3, isComplete: true });
  expect(JSON.parse(await readFile(join(folder, acknowledgedName), "utf8"))).toEqual(told);
  expect(await readdir(folder)).toEqual([acknowledgedName]);
});

test("a file that cannot be kept is an error at the end, not a silence", async () => {
  const progress = new Progress({ folder: join(folder, "gone"), show: () => {}, nowMs: () => 0 });
  await expect(progress.finish()).rejects.toThrow("ENOENT");
});
