import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readQuality } from "../model/quality-table.ts";
import { lateProbability, loadModel, modelFile } from "../src/model.ts";
import { RemoteScoring } from "../src/remote-scoring.ts";
import { startScorer } from "../src/scorer-process.ts";
import { defaultSettings } from "../src/settings.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flight-scorer-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function programOf(text: string): Promise<string> {
  const path = join(folder, "program.mjs");
  await writeFile(path, text);
  return path;
}

test("the scorer gives what the model gives, refuses what is no batch, and ends when it is told to", async () => {
  const { golden } = await readQuality();
  const features = Float32Array.from(golden.flatMap((row) => row.features));
  const scorer = await startScorer({ ...defaultSettings, scorePasses: 2, remoteSlots: 1, remoteMs: 1 });
  const scoring = new RemoteScoring(scorer);
  try {
    const expected = await lateProbability(await loadModel(modelFile), features, golden.length);
    const batches = await Promise.all([1, 2, 3].map(() => scoring.score(features, golden.length)));
    for (const late of batches) expect(late).toEqual(expected);
    expect(await scoring.score(new Float32Array(0), 0)).toHaveLength(0);
    await expect(scoring.score(new Float32Array(1), 1)).rejects.toThrow("answered 400 (a batch is rows of 84 bytes");
    await scoring.close();
    await expect(scoring.score(features, golden.length)).rejects.toThrow("is not there or broke off");
  } finally {
    await scorer.kill();
  }
}, 60_000);

test("a scorer that does not start is one sentence", async () => {
  const program = await programOf("process.exit(3)");
  await expect(startScorer(defaultSettings, program)).rejects.toThrow(
    /^the scorer ended before it told its address \(exit code 3\)$/,
  );
}, 60_000);

test("a scorer that never tells its address is one sentence after its time, and ended", async () => {
  const program = await programOf("setInterval(() => {}, 1_000_000);");
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const start = startScorer(defaultSettings, program);
    vi.advanceTimersByTime(30_000);
    await expect(start).rejects.toThrow(/^the scorer did not tell its address within 30000 ms$/);
  } finally {
    vi.useRealTimers();
  }
}, 60_000);

test("a scorer that does not end when it is told to is ended", async () => {
  const program = await programOf('console.log("http://127.0.0.1:1/"); setInterval(() => {}, 1_000_000);');
  const scorer = await startScorer(defaultSettings, program);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const stopped = scorer.stop();
    vi.advanceTimersByTime(2000);
    await stopped;
  } finally {
    vi.useRealTimers();
  }
}, 60_000);

test("a scorer that hangs is ended at once when the pipeline has failed", async () => {
  const program = await programOf('console.log("http://127.0.0.1:1/"); for (;;);');
  await (await startScorer(defaultSettings, program)).kill();
}, 60_000);
