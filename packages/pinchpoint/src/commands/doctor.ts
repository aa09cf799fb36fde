import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { coresAvailable, ownOsThreadId, threadTimes } from "@pinchpoint/machine";
import { sdkPath } from "@pinchpoint/otel";
import { startFolder } from "../config.ts";
import type { Finding } from "../doctor/finding.ts";
import { installedPackages } from "../doctor/installed-packages.ts";
import { nodeFindings } from "../doctor/node-findings.ts";
import { otlpFindings } from "../doctor/otlp-findings.ts";
import { isOfInterest, packageFindings } from "../doctor/package-findings.ts";
import { recordingFindings } from "../doctor/recording-findings.ts";
import { reportOf } from "../doctor/report.ts";
import { runSelfTest } from "../doctor/self-test-run.ts";
import { settingsFindings } from "../doctor/settings-findings.ts";
import { systemFindings } from "../doctor/system-findings.ts";
import { strictly } from "./arguments.ts";
import { fileProblem } from "./file-problem.ts";

export interface Report {
  /** What goes to stdout. */
  readonly text: string;
  /** 1 where something is in the way. */
  readonly code: 0 | 1;
}

/**
 * `pinchpoint doctor [--json]`: how an application that is started in this folder would be recorded, and what is in the
 * way. Changes nothing.
 *
 * @throws UsageError where the words make no sense
 */
export async function doctor(
  words: readonly string[],
  version: string,
  environment: NodeJS.ProcessEnv,
): Promise<Report> {
  const { values } = strictly("doctor", () =>
    parseArgs({ args: [...words], options: { json: { type: "boolean" } }, allowPositionals: false }),
  );
  const folder = startFolder();
  const wanted = installedPackages(folder, (name) => isOfInterest(name) || name === "piscina");
  const folderProblem = problemOfTemporaryFolder();
  const findings: readonly Finding[] = [
    ...nodeFindings({ own: process.version, onPath: nodeOnPath(), options: environment.NODE_OPTIONS ?? "" }),
    ...(await settingsFindings({ environment, folder, isFree })),
    ...otlpFindings({ environment, hasSdk: sdkPath(folder) !== null }),
    ...systemFindings({
      platform: process.platform,
      cores: coresAvailable(),
      machineCores: Math.max(cpus().length, availableParallelism()),
      hasThreadTimes: canReadThreadTimes(),
      folderProblem,
      temporaryFolder: tmpdir(),
    }),
    ...packageFindings(wanted, folder),
    ...(folderProblem === null
      ? recordingFindings(
          runSelfTest(folder, environment),
          wanted.find(({ name }) => name === "piscina")?.version ?? null,
        )
      : []),
  ];
  const text = values.json === true ? `${JSON.stringify(findings, null, 2)}\n` : reportOf(version, findings);
  return { text, code: findings.some(({ level }) => level === "problem") ? 1 : 0 };
}

function nodeOnPath(): string | null {
  const { status, stdout } = spawnSync("node", ["--version"], { encoding: "utf8", env: withoutOptions(process.env) });
  return status === 0 ? stdout.trim() : null;
}

/** What is preloaded must neither speak nor fail here. */
function withoutOptions({ NODE_OPTIONS: _, ...rest }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return rest;
}

/** As the page of metrics listens: with no one else on the port. */
function isFree(port: number): Promise<boolean | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "EADDRINUSE" ? false : null));
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function canReadThreadTimes(): boolean {
  const id = ownOsThreadId();
  return id !== null && threadTimes(id).cpuSeconds !== null;
}

function problemOfTemporaryFolder(): string | null {
  try {
    rmSync(mkdtempSync(join(tmpdir(), "pinchpoint-")), { recursive: true });
    return null;
  } catch (error) {
    return fileProblem(error);
  }
}
