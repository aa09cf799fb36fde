import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Acknowledged, acknowledgedName } from "../src/progress.ts";
import { nodeOptions, type Settings } from "../src/settings.ts";
import type { Use } from "./loop-use.ts";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const loopUse = new URL("loop-use.ts", import.meta.url).href;

/** Counting starts this long after the pipeline: by then the code is compiled and the buffers are full. */
const warmUpSeconds = 1.5;

export interface BareRun extends Use {
  readonly rowsPerSecond: number;
  readonly batchesPerSecond: number;
}

/** Runs the application alone, in a folder of its own with these settings, and counts what it acknowledges. */
export async function bareRun(settings: Settings, seconds: number): Promise<BareRun> {
  const folder = await mkdtemp(join(tmpdir(), "flight-features-truth-"));
  try {
    await writeFile(join(folder, "settings.json"), JSON.stringify(settings));
    const child = spawn(
      process.execPath,
      [
        ...nodeOptions(settings),
        "--import",
        loopUse,
        main,
        "--seconds",
        String(seconds + warmUpSeconds),
        "--out",
        "out",
        "--quiet",
      ],
      { cwd: folder, env: { ...process.env, FLIGHT_TRUTH_LOOP_USE: join(folder, "loop-use") }, stdio: "inherit" },
    );
    const ended = new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", resolve);
    });
    const read = async (): Promise<Acknowledged | undefined> =>
      readFile(join(folder, "out", acknowledgedName), "utf8").then(JSON.parse, () => undefined);
    let start: Acknowledged | undefined;
    while (child.exitCode === null && (start === undefined || start.seconds < warmUpSeconds)) {
      await sleep(100);
      start = await read();
    }
    const exitCode = await ended;
    const end = await read();
    if (exitCode !== 0 || start === undefined || end === undefined || end.seconds <= start.seconds) {
      throw new Error(`the application ended with ${exitCode} before it could be measured`);
    }
    const elapsed = end.seconds - start.seconds;
    return {
      rowsPerSecond: (end.rows - start.rows) / elapsed,
      batchesPerSecond: (end.batches - start.batches) / elapsed,
      ...(JSON.parse(await readFile(join(folder, "loop-use"), "utf8")) as Use),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
