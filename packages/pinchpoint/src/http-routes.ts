import type { HttpRoute } from "@pinchpoint/platform/http";
import { httpRoutesOf } from "@pinchpoint/platform/http-routes";
import { ENVIRONMENT } from "./environment.ts";

export interface Routes {
  /** None where the text makes no sense: calls then go by their host. */
  readonly routes: readonly HttpRoute[];
  /** What is wrong with the text, as one sentence; null if nothing. */
  readonly problem: string | null;
}

/** @param text - of the setting; nothing for none */
export function routesOf(text: string | undefined): Routes {
  try {
    return { routes: httpRoutesOf(text ?? ""), problem: null };
  } catch (error) {
    return { routes: [], problem: `httpRoutes (${ENVIRONMENT.httpRoutes}): ${(error as Error).message}.` };
  }
}
