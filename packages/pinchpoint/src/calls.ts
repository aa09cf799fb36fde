import { instrumentHttp } from "@pinchpoint/platform/http";
import { instrumentWorkerThreads } from "@pinchpoint/pools/worker-threads";
import type { Recorder } from "@pinchpoint/probe";
import { ENVIRONMENT } from "./config.ts";
import { routesOf } from "./http-routes.ts";

/** What the stages of this thread call besides pools: services by HTTP, and worker threads that they ask by message. */
export function instrumentCalls(recorder: Recorder): void {
  const { routes } = routesOf(process.env[ENVIRONMENT.httpRoutes]);
  instrumentHttp(recorder, { routes });
  instrumentWorkerThreads(recorder);
}
