import { WAIT } from "@pinchpoint/probe";
import type { CallNames } from "./call-name.ts";
import type { Followed } from "./followed.ts";
import type { OpenCalls, Outgoing } from "./open-calls.ts";
import { addressOf } from "./server-address.ts";
import { type UndiciCopy, UndiciQueues } from "./undici-queues.ts";

interface UndiciRequest {
  /** Names and values in turn, since undici 6; the text of the head before. */
  readonly headers?: readonly (string | readonly string[])[] | string;
  readonly addHeader?: (name: string, value: string) => void;
  readonly origin: string | URL;
  readonly method: string;
  readonly path: string;
  readonly upgrade?: string | null;
}

interface RequestMessage {
  readonly request: UndiciRequest;
}

/**
 * Calls by undici, Node's own behind `fetch` and any number of installed ones, which all tell of themselves on the same
 * channels: from the request's making to the end of its answer's body, or to its error. What asks for a connection of its
 * own (CONNECT, an upgrade as for a web socket) is no call: versions before 7.30 do not tell when it is answered.
 */
export function followUndici(calls: OpenCalls, names: CallNames, copies: readonly UndiciCopy[]): Followed {
  const queues = new UndiciQueues(calls, names, copies);
  const ends = calls.guarded((message: unknown) => calls.ends((message as RequestMessage).request, true));
  const fails = calls.guarded((message: unknown) => calls.ends((message as RequestMessage).request, false));
  const answered = calls.guarded((message: unknown) => {
    const { request, response } = message as RequestMessage & { readonly response?: { readonly statusCode?: unknown } };
    calls.answers(request, response?.statusCode);
  });
  const create = calls.guarded((message: unknown) => {
    const { request } = message as RequestMessage;
    const origin = String(request.origin);
    const queued = queues.created(origin);
    if (request.method === "CONNECT" || request.upgrade) {
      if (queued) calls.finish(queued, "unknown");
    } else {
      const call =
        queued === undefined ? calls.begin(names.ofOrigin(origin, request.method, request.path), WAIT) : queued;
      calls.keep(request, call, () => outgoingOf(request, origin));
    }
  });
  const sendHeaders = calls.guarded((message: unknown) => calls.uses((message as RequestMessage).request));
  const connected = calls.guarded((message: unknown) =>
    queues.reachBySocket((message as { readonly socket: object }).socket),
  );
  return {
    begins: { "undici:request:create": create, "undici:client:connected": connected },
    goesOn: {
      "undici:client:sendHeaders": sendHeaders,
      "undici:request:headers": answered,
      "undici:request:trailers": ends,
      "undici:request:error": fails,
    },
    restore: () => queues.restore(),
  };
}

function outgoingOf(request: UndiciRequest, origin: string): Outgoing {
  const { headers = [], addHeader } = request;
  const isText = typeof headers === "string";
  return {
    method: request.method,
    attributes: addressOf(origin),
    hasHeader: (name) =>
      isText
        ? headers.toLowerCase().includes(`${name}:`)
        : headers.some((one, at) => at % 2 === 0 && String(one).toLowerCase() === name),
    addHeader: addHeader === undefined ? null : (name, value) => Reflect.apply(addHeader, request, [name, value]),
  };
}
