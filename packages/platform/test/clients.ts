import http from "node:http";
import * as undici from "undici";
import type { HttpOptions } from "../src/http.ts";

/** One way to call over HTTP. */
export interface Client {
  /** Reads the whole answer. */
  get(url: string, options?: { readonly signal?: AbortSignal }): Promise<{ status: number; body: string }>;
  close(): Promise<void>;
}

export interface ClientKind {
  readonly name: string;
  /** What it needs in order to be followed. */
  readonly options?: HttpOptions;
  open(origin: string): Client;
}

export async function nodeGet(
  url: string,
  options: http.RequestOptions = {},
): Promise<{ status: number; body: string }> {
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    http.get(url, options, resolve).on("error", reject);
  });
  let body = "";
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode ?? 0, body };
}

function byDispatcher(dispatcher: undici.Dispatcher): Client {
  return {
    get: async (url, options) => {
      const { statusCode, body } = await undici.request(url, { ...options, dispatcher });
      return { status: statusCode, body: await body.text() };
    },
    close: () => dispatcher.destroy(),
  };
}

/** Clients with one connection, for which calls queue. */
export const CLIENTS: readonly ClientKind[] = [
  { name: "an undici pool", open: (origin) => byDispatcher(new undici.Pool(origin, { connections: 1 })) },
  { name: "an undici client", open: (origin) => byDispatcher(new undici.Client(origin)) },
  {
    name: "an undici pool with an interceptor",
    options: { undici: [undici] },
    open: (origin) =>
      byDispatcher(
        new undici.Pool(origin, { connections: 1 }).compose(undici.interceptors.redirect({ maxRedirections: 2 })),
      ),
  },
  {
    name: "fetch by an installed undici's pool",
    open: (origin) => {
      const pool = new undici.Pool(origin, { connections: 1 });
      return {
        get: async (url, options) => {
          const response = await undici.fetch(url, { ...options, dispatcher: pool });
          return { status: response.status, body: await response.text() };
        },
        close: () => pool.destroy(),
      };
    },
  },
  {
    name: "node:http with an agent of one socket",
    open: () => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      return {
        get: (url, options) => nodeGet(url, { ...options, agent }),
        close: async () => agent.destroy(),
      };
    },
  },
];

/** Node's own `fetch`, and a request without any agent. */
export const UNLIMITED_CLIENTS: readonly ClientKind[] = [
  {
    name: "Node's fetch",
    open: () => ({
      get: async (url, options) => {
        const response = await fetch(url, options);
        return { status: response.status, body: await response.text() };
      },
      close: async () => {},
    }),
  },
  {
    name: "node:http without an agent",
    open: () => ({ get: (url, options) => nodeGet(url, { ...options, agent: false }), close: async () => {} }),
  },
];
