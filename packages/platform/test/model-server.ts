import http from "node:http";
import type { AddressInfo } from "node:net";
import { markUnrecorded } from "@pinchpoint/probe";

/** A request that has arrived at the server, and that the test answers when it likes. */
export interface Arrival {
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly response: http.ServerResponse;
}

/** A real server whose answers the test gives by hand. */
export interface ModelServer {
  /** As in `127.0.0.1:8080`. */
  readonly host: string;
  readonly url: string;
  /** The next request that arrives, or has arrived and was not asked for. */
  arrival(): Promise<Arrival>;
  close(): Promise<void>;
}

export async function openModelServer(): Promise<ModelServer> {
  const arrived: Arrival[] = [];
  const askers: ((arrival: Arrival) => void)[] = [];
  const server = http.createServer((request, response) => {
    request.resume();
    const arrival = { path: request.url ?? "", headers: request.headers, response };
    const asker = askers.shift();
    if (asker === undefined) arrived.push(arrival);
    else asker(arrival);
  });
  // It stands for one in another process.
  markUnrecorded(server);
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    url: `http://${host}`,
    arrival: () => {
      const first = arrived.shift();
      return first === undefined ? new Promise((resolve) => askers.push(resolve)) : Promise.resolve(first);
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
