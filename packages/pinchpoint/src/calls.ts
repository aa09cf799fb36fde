import { instrumentHttp } from "@pinchpoint/platform/http";
import { instrumentWorkerThreads } from "@pinchpoint/pools/worker-threads";
import type { Recorder } from "@pinchpoint/probe";
import { routesOf } from "./http-routes.ts";

/**
 * What the stages of this thread call besides pools: services by HTTP, and worker threads that they ask by message.
 *
 * @param routesText - the setting `httpRoutes`
 */
export function instrumentCalls(recorder: Recorder, routesText: string | undefined): void {
  instrumentHttp(recorder, { routes: routesOf(routesText).routes });
  instrumentWorkerThreads(recorder);
}
