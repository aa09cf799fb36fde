import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import type { MetricProducer } from "@opentelemetry/sdk-metrics";
import { markUnrecorded } from "@pinchpoint/probe";
import { exporterPrometheus } from "./sdk-modules.ts";

export interface PrometheusOptions {
  readonly producer: MetricProducer;
  /** Address to listen on; default 127.0.0.1, which only this machine reaches. A pod needs 0.0.0.0. */
  readonly host?: string;
  /** Default 9464; 0 lets the system choose. */
  readonly port?: number;
  /** What goes wrong while it serves: a collection that failed, a server that broke. */
  readonly onProblem?: (problem: unknown) => void;
}

export interface Serving {
  readonly kind: "serving";
  readonly host: string;
  /** The port that it has in fact. */
  readonly port: number;
  readonly url: string;
  /** Resolves when the port is free again. */
  stop(): Promise<void>;
}

/** Somebody else listens on that port already. */
export interface PortTaken {
  readonly kind: "taken";
  readonly host: string;
  readonly port: number;
}

/** The system does not let us listen there: no such address, or a port that needs rights. */
export interface ListenRefused {
  readonly kind: "refused";
  readonly host: string;
  readonly port: number;
  readonly cause: unknown;
}

const PATH = "/metrics";
/** Version 0.0.4 of the text format; without it Prometheus 3 has to guess. */
const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Serves the producer's metrics to Prometheus at `/metrics`, in exporter-prometheus' text form. The exporter itself is
 * loaded when the first scrape arrives. The server never keeps the process alive, and never throws at the application.
 *
 * The server is our own, because that of PrometheusExporter 0.301 cannot take port 0, keeps the process alive while a
 * scraper is connected, and answers a failed collection with 200, as if there were no series.
 *
 * @throws RangeError if port is no integer from 0 to 65535
 */
export async function servePrometheus(options: PrometheusOptions): Promise<Serving | PortTaken | ListenRefused> {
  const { producer, host = "127.0.0.1", port = 9464 } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`port must be an integer from 0 to 65535, got ${port}`);
  }
  const onProblem = guarded(options.onProblem);
  const { createServer } = await import("node:http");
  const page = pageOf(producer);
  const server = createServer((request, response) => void respond(request, response, page, onProblem));
  markUnrecorded(server);
  server.unref();
  server.on("connection", (socket) => socket.unref());
  const failure = await listening(server, host, port);
  if (failure !== null) {
    return codeOf(failure) === "EADDRINUSE"
      ? { kind: "taken", host, port }
      : { kind: "refused", host, port, cause: failure };
  }
  server.on("error", onProblem);
  const { port: actualPort } = server.address() as AddressInfo;
  const authority = host.includes(":") ? `[${host}]` : host;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { kind: "serving", host, port: actualPort, url: `http://${authority}:${actualPort}${PATH}`, stop };
}

/** @returns null when it listens */
function listening(server: Server, host: string, port: number): Promise<Error | null> {
  return new Promise((resolve) => {
    server.once("error", resolve);
    // Exclusive: without it a worker of `node:cluster` would share the port, and scrapes would go to either process.
    server.listen({ host, port, exclusive: true }, () => {
      server.off("error", resolve);
      resolve(null);
    });
  });
}

/** @throws what the collection failed with, from the function that it returns */
function pageOf(producer: MetricProducer): () => Promise<string> {
  let serializer: PrometheusSerializer | null = null;
  return async () => {
    const { resourceMetrics, errors } = await producer.collect();
    if (errors.length > 0) throw errors[0];
    serializer ??= new (exporterPrometheus().PrometheusSerializer)();
    return `${serializer.serialize(resourceMetrics)}\n`;
  };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  page: () => Promise<string>,
  onProblem: (problem: unknown) => void,
): Promise<void> {
  const path = request.url?.split("?", 1)[0];
  if (path !== PATH) return answer(response, 404, `Metrics are at ${PATH}.\n`);
  if (request.method !== "GET" && request.method !== "HEAD") return answer(response, 405, "Only GET and HEAD.\n");
  try {
    answer(response, 200, await page(), CONTENT_TYPE);
  } catch (problem) {
    onProblem(problem);
    // Not 200: Prometheus must see that the scrape failed, instead of a process without series.
    answer(response, 500, "The metrics could not be collected.\n");
  }
}

function answer(
  response: ServerResponse,
  status: number,
  text: string,
  contentType = "text/plain; charset=utf-8",
): void {
  response.writeHead(status, { "content-type": contentType }).end(text);
}

function guarded(onProblem: (problem: unknown) => void = () => {}): (problem: unknown) => void {
  return (problem) => {
    try {
      onProblem(problem);
    } catch {
      // Whoever listens to problems must not make one of its own in the application.
    }
  };
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code;
}
