import { instrumentHttp } from "@pinchpoint/platform/http";
import { instrumentWorkerThreads } from "@pinchpoint/pools/worker-threads";
import type { Recorder } from "@pinchpoint/probe";
import { routesOf } from "./http-routes.ts";
import type { IntegrationName } from "./integration-names.ts";

/**
 * What the stages of this thread call besides pools: services by HTTP, and worker threads that they ask by message.
 *
 * @param included - by the setting `include`
 * @param routesText - the setting `httpRoutes`
 */
export function instrumentCalls(
  recorder: Recorder,
  included: ReadonlySet<IntegrationName>,
  routesText: string | undefined,
): void {
  if (included.has("http")) instrumentHttp(recorder, { routes: routesOf(routesText).routes });
  if (included.has("worker-threads")) instrumentWorkerThreads(recorder);
}
