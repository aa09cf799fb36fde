import { createRequire } from "node:module";
import { isMainThread } from "node:worker_threads";
import type { Recorder } from "@pinchpoint/probe";
import { applicationOf } from "./application-name.ts";
import { BUCKETS_WANTED, type Buckets, isBuckets } from "./buckets-setting.ts";
import { settingsOf, startFolder } from "./config.ts";
import { routesOf } from "./http-routes.ts";
import { includedBy } from "./include.ts";
import type { IntegrationName } from "./integration-names.ts";
import { type PageRenderer, pageOf } from "./page-setting.ts";
import { portOf } from "./port.ts";
import { currentSession } from "./session.ts";
import { timedOf } from "./timed-setting.ts";
import { tracesOf } from "./traces-setting.ts";
import { UsageError } from "./usage-error.ts";

const load = createRequire(import.meta.filename);

export interface StartOptions {
  /** The pipeline of stages that are found by themselves; default: the application's name. */
  readonly pipeline?: string;
  /** Port of /metrics on 127.0.0.1, or "off"; default: PINCHPOINT_PORT, else the config file's, else 9464. */
  readonly port?: number | "off";
  /** How many traces a stage begins in a second at most, or "off"; default: PINCHPOINT_TRACES, else 100. */
  readonly traces?: number | "off";
  /** Up to how many units a second of a stage each is timed, or "all"; default: PINCHPOINT_TIMED, else 20,000. */
  readonly timed?: number | "all";
  /** Calls that get a name of their own, such as `POST api.example.com/v1/:model`; default: PINCHPOINT_HTTP_ROUTES. */
  readonly httpRoutes?: readonly string[];
  /** What is found by itself, such as `streams` and `piscina`; default: PINCHPOINT_INCLUDE, else the config file's, else all. */
  readonly include?: readonly IntegrationName[];
  /** Who renders /metrics; default: PINCHPOINT_PAGE, else the config file's, else "own". */
  readonly page?: PageRenderer;
  /**
   * Ascending upper bounds of histogram buckets in seconds, by the metric's name, and `default` for the others; default:
   * the config file's, else the powers of two from 15 µs to 64 s.
   */
  readonly buckets?: Buckets;
}

/**
 * Records from now on, without the preload: call it in the main thread before streams are joined, stages are declared
 * and worker threads are started. Where something records already, that goes on. Worker threads record with the
 * preload only.
 *
 * @returns the thread's recorder
 * @throws UsageError for a port, a route, a rate, an integration, a page or buckets that are none; TypeError in a worker thread
 *   whose process does not record
 */
export function start(options: StartOptions = {}): Recorder {
  const session = currentSession();
  if (session?.recorder) return session.recorder;
  if (!isMainThread) throw new TypeError("start() belongs to the main thread; worker threads need the preload");
  const settings = settingsOf(process.env, startFolder());
  const portText = options.port === undefined ? settings.portText : String(options.port);
  portOf(portText, "port");
  const routesText = options.httpRoutes?.join(", ") ?? settings.routesText;
  const { problem } = routesOf(routesText);
  if (problem !== null && options.httpRoutes !== undefined) throw new UsageError(problem);
  const tracesText = options.traces === undefined ? settings.tracesText : String(options.traces);
  const { problem: tracesProblem } = tracesOf(tracesText);
  if (tracesProblem !== null && options.traces !== undefined) throw new UsageError(tracesProblem);
  const timedText = options.timed === undefined ? settings.timedText : String(options.timed);
  const { problem: timedProblem } = timedOf(timedText);
  if (timedProblem !== null && options.timed !== undefined) throw new UsageError(timedProblem);
  const includeText = options.include?.join(", ") ?? settings.includeText;
  const included = includedBy(includeText);
  if (included.problem !== null && options.include !== undefined) throw new UsageError(included.problem);
  const pageText = options.page ?? settings.pageText;
  const { problem: pageProblem } = pageOf(pageText);
  if (pageProblem !== null && options.page !== undefined) throw new UsageError(pageProblem);
  const buckets = options.buckets ?? settings.buckets;
  if (buckets !== undefined && !isBuckets(buckets)) {
    throw new UsageError(`buckets must be ${BUCKETS_WANTED}; got ${JSON.stringify(buckets)}.`);
  }
  const pipeline = options.pipeline ?? applicationOf(process.argv[1]).name;
  const given = { portText, routesText, tracesText, timedText, includeText, pageText, buckets };
  const { recordMainThread } = load("./main-thread.cjs") as typeof import("./main-thread.ts");
  return recordMainThread(pipeline, { ...settings, ...given });
}
