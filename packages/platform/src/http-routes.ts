import { PinchpointError } from "@pinchpoint/probe";
import { checkedRoute, type HttpRoute } from "./call-name.ts";

/** A method and a host may go before the path. */
const ROUTE = /^(?:(?<method>[A-Za-z]+)\s+)?(?<host>(?:\[[^\s\]]+\]|[^\s/:]+)(?::\d+)?)?(?<path>\/\S*)$/;

/**
 * Routes as a setting tells them: `POST api.example.com/v1/models/:model, /health`, with commas between them.
 *
 * @throws PinchpointError that names the part which is no route
 */
export function httpRoutesOf(text: string): readonly HttpRoute[] {
  const parts = text.split(",").map((part) => part.trim());
  return parts.filter((part) => part !== "").map(routeIn);
}

function routeIn(part: string): HttpRoute {
  const { method, host, path } = ROUTE.exec(part)?.groups ?? {};
  if (path === undefined) {
    throw new PinchpointError(
      "PINCH_BAD_NAME",
      `a route must be like "POST api.example.com/v1/models/:model" or "/health", got ${JSON.stringify(part)}`,
    );
  }
  return checkedRoute({ path, ...(method === undefined ? {} : { method }), ...(host === undefined ? {} : { host }) });
}
