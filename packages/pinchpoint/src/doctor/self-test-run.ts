import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Recording } from "@pinchpoint/verdict";
import { ENVIRONMENT } from "../environment.ts";
import { HandOverReader } from "../hand-over-reader.ts";
import { INTEGRATIONS } from "../integration-names.ts";
import { withPreload } from "../node-options.ts";

export interface SelfTest {
  /** Null where a signal ended it, or it hung. */
  readonly exitCode: number | null;
  readonly errorOutput: string;
  /** Null where it has handed nothing over. */
  readonly recording: Recording | null;
}

const LIMIT_MS = 30_000;

/** Runs the self-test as `pinchpoint run` would run an application in that folder, and reads what was recorded. */
export function runSelfTest(folder: string, environment: NodeJS.ProcessEnv): SelfTest {
  const resolve = createRequire(import.meta.url).resolve;
  const handOver = mkdtempSync(join(tmpdir(), "pinchpoint-doctor-"));
  try {
    // A copy: what belongs to this package is taken for what starts applications, and not recorded.
    const script = join(handOver, "self-test.cjs");
    copyFileSync(resolve("./self-test.cjs"), script);
    const { status, stderr } = spawnSync(process.execPath, [script], {
      cwd: folder,
      encoding: "utf8",
      timeout: LIMIT_MS,
      env: {
        ...environment,
        NODE_OPTIONS: withPreload(environment.NODE_OPTIONS, resolve("pinchpoint/register")),
        [ENVIRONMENT.handOver]: handOver,
        [ENVIRONMENT.port]: "off",
        [ENVIRONMENT.disabled]: "false",
        // Whether what is left out could be seen.
        [ENVIRONMENT.include]: INTEGRATIONS.join(","),
      },
    });
    const reader = new HandOverReader(handOver);
    reader.collect();
    return { exitCode: status, errorOutput: stderr, recording: reader.recordings()[0] ?? null };
  } finally {
    rmSync(handOver, { recursive: true, force: true });
  }
}
