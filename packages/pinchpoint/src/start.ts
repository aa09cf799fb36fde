import { isMainThread } from "node:worker_threads";
import type { Recorder } from "@pinchpoint/probe";
import { applicationOf } from "./application-name.ts";
import { portOf, settingsOf } from "./config.ts";
import { recordMainThread } from "./main-thread.ts";
import { currentSession } from "./session.ts";

export interface StartOptions {
  /** The pipeline of stages that are found by themselves; default: the application's name. */
  readonly pipeline?: string;
  /** Port of /metrics on 127.0.0.1, or "off"; default: PINCHPOINT_PORT, else 9464. */
  readonly port?: number | "off";
}

/**
 * Records from now on, without the preload: call it in the main thread before streams are joined, stages are declared
 * and worker threads are started. Where something records already, that goes on. Worker threads record with the
 * preload only.
 *
 * @returns the thread's recorder
 * @throws UsageError for a port that is none; TypeError in a worker thread whose process does not record
 */
export function start(options: StartOptions = {}): Recorder {
  const session = currentSession();
  if (session !== null) return session.recorder;
  if (!isMainThread) throw new TypeError("start() belongs to the main thread; worker threads need the preload");
  const settings = settingsOf(process.env);
  const portText = options.port === undefined ? settings.portText : String(options.port);
  portOf(portText, "port");
  const pipeline = options.pipeline ?? applicationOf(process.argv[1]).name;
  return recordMainThread(pipeline, { ...settings, portText }).recorder;
}
