import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { markUnrecorded } from "@pinchpoint/probe";
import { chosenFormat, contentType, wantsGzip } from "./negotiation.ts";
import type { Page } from "./page.ts";

export interface PrometheusOptions {
  /** What is served: a MetricsPage, or an ExporterPage of any producer. */
  readonly page: Page;
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
/** Answers under way at once. Each holds a page in memory until its reader has taken it. */
const MOST_SCRAPES = 8;
/** A reader that takes nothing for so long is let go. */
const IDLE_MS = 30_000;
const PLAIN = "text/plain; charset=utf-8";

/**
 * Serves a page of metrics to Prometheus at `/metrics`, in the format that the scraper likes best, and compressed where it
 * likes that. The server never keeps the process alive, and never throws at the application.
 *
 * The server is our own, because that of PrometheusExporter 0.301 cannot take port 0, keeps the process alive while a
 * scraper is connected, and answers a failed collection with 200, as if there were no series.
 *
 * @throws RangeError if port is no integer from 0 to 65535
 */
export async function servePrometheus(options: PrometheusOptions): Promise<Serving | PortTaken | ListenRefused> {
  const { page, host = "127.0.0.1", port = 9464 } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`port must be an integer from 0 to 65535, got ${port}`);
  }
  const onProblem = guarded(options.onProblem);
  const { createServer } = await import("node:http");
  let scrapes = 0;
  const server = createServer((request, response) => {
    const refusal = refusalOf(request) ?? (scrapes >= MOST_SCRAPES ? TOO_MANY : null);
    if (refusal !== null) return answer(response, refusal.status, refusal.text);
    scrapes += 1;
    response.once("close", () => {
      scrapes -= 1;
    });
    void respond(request, response, page, onProblem);
  });
  server.setTimeout(IDLE_MS);
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

interface Refusal {
  readonly status: number;
  readonly text: string;
}

const TOO_MANY: Refusal = { status: 503, text: "Too many scrapes at once.\n" };

/** @returns null for a request for the page */
function refusalOf({ url, method }: IncomingMessage): Refusal | null {
  if (url?.split("?", 1)[0] !== PATH) return { status: 404, text: `Metrics are at ${PATH}.\n` };
  if (method !== "GET" && method !== "HEAD") return { status: 405, text: "Only GET and HEAD.\n" };
  return null;
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  page: Page,
  onProblem: (problem: unknown) => void,
): Promise<void> {
  try {
    const format = chosenFormat(request.headers.accept, page.formats);
    const plain = await page.render(format);
    const isCompressed = wantsGzip(acceptEncoding(request));
    const body = isCompressed ? await compressed(plain) : plain;
    response
      .writeHead(200, {
        "content-type": contentType(format),
        "content-length": body.length,
        ...(isCompressed ? { "content-encoding": "gzip" } : {}),
        vary: "accept, accept-encoding",
      })
      .end(body);
  } catch (problem) {
    onProblem(problem);
    // Not 200: Prometheus must see that the scrape failed, instead of a process without series.
    answer(response, 500, "The metrics could not be collected.\n");
  }
}

/** In the thread pool, since the event loop is the application's; loaded when a scraper wants it. */
async function compressed(plain: Buffer): Promise<Buffer> {
  const { constants, gzip } = await import("node:zlib");
  const options = { level: constants.Z_BEST_SPEED };
  return new Promise((resolve, reject) => {
    gzip(plain, options, (error, body) => (error === null ? resolve(body) : reject(error)));
  });
}

function acceptEncoding({ headers }: IncomingMessage): string | undefined {
  const header = headers["accept-encoding"];
  return Array.isArray(header) ? header.join(",") : header;
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": PLAIN }).end(text);
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
