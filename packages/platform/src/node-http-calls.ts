import type http from "node:http";
import { isReplaceable, type Method, replaceMethod, USE, WAIT } from "@pinchpoint/probe";
import type { CallNames } from "./call-name.ts";
import type { Followed } from "./followed.ts";
import type { OpenCalls, Outgoing } from "./open-calls.ts";
import { addressOf } from "./server-address.ts";

interface RequestMessage {
  readonly request: http.ClientRequest;
}

interface ResponseMessage extends RequestMessage {
  readonly response: http.IncomingMessage;
}

/**
 * Calls by node:http and node:https: from the request's making to the end of its answer's body.
 *
 * Channels do not tell when the agent gives a queued request its socket, nor when an answer breaks off. So one internal
 * method is replaced, `ClientRequest.prototype.onSocket`, through which every agent goes; and a request that belongs to a
 * stage has a listener on `close`, and its answer one on `end`, neither of which changes what Node does. It is replaced
 * with the first request, of which its agent tells: to replace it before is to load node:http, which few applications use.
 * Where the application has not left that method to be replaced, a request that waits for its agent is taken to be in use
 * already.
 */
export function followNodeHttp(calls: OpenCalls, names: CallNames): Followed {
  const early = new WeakSet<http.ClientRequest>();
  const ends = calls.guarded((request: http.ClientRequest, isAnswered: boolean) => calls.ends(request, isAnswered));
  /** After its end this says nothing more: an answer that breaks off has only this. */
  function onClose(this: http.ClientRequest): void {
    ends(this, false);
  }
  function onEnd(this: http.IncomingMessage): void {
    const request: unknown = Reflect.get(this, "req");
    if (typeof request === "object" && request !== null) ends(request as http.ClientRequest, true);
  }
  const hasSocket = calls.guarded((request: http.ClientRequest) => {
    if (calls.has(request)) calls.uses(request);
    // Before it is told as created: the agent had a socket for it at once.
    else early.add(request);
  });
  const sockets = new Sockets(hasSocket);
  const created = calls.guarded((message: unknown) => {
    const { request } = message as RequestMessage;
    const name = names.of(hostOf(request), request.method, request.path);
    const waits = sockets.areWatched ? !early.delete(request) : isQueued(request);
    sockets.watch();
    const call = calls.begin(name, waits && sockets.areSeen ? WAIT : USE);
    calls.keep(request, call, () => outgoingOf(request));
    if (calls.has(request)) request.once("close", onClose);
  });
  const answered = calls.guarded((message: unknown) => {
    const { request, response } = message as ResponseMessage;
    if (!calls.has(request)) return;
    calls.answers(request, response.statusCode);
    response.once("end", onEnd);
  });
  return {
    begins: { "http.client.request.created": created },
    goesOn: {
      "http.client.response.finish": answered,
      "http.client.request.error": (message) => ends((message as RequestMessage).request, false),
    },
    restore: () => sockets.restore(),
  };
}

/** When requests get their sockets. */
class Sockets {
  readonly #hasSocket: (request: http.ClientRequest) => void;
  #restore: (() => void) | null = null;
  #isOver = false;
  areSeen = false;

  constructor(hasSocket: (request: http.ClientRequest) => void) {
    this.#hasSocket = hasSocket;
  }

  get areWatched(): boolean {
    return this.#restore !== null;
  }

  watch(): void {
    if (this.#restore !== null || this.#isOver) return;
    // Not imported: an import of it reads all of its exports, one of which loads the whole of Node's undici.
    const { prototype } = process.getBuiltinModule("node:http").ClientRequest;
    this.#restore = () => {};
    this.areSeen = isReplaceable(prototype, "onSocket");
    if (!this.areSeen) return;
    const hasSocket = this.#hasSocket;
    const replacing = (original: Method): Method =>
      function onSocket(...args) {
        hasSocket(this);
        return Reflect.apply(original, this, args);
      };
    this.#restore = replaceMethod(prototype, "onSocket", replacing);
  }

  restore(): void {
    this.#isOver = true;
    this.#restore?.();
  }
}

/** Whether its agent has not had a socket for it, as agents of Node's tell. */
function isQueued(request: http.ClientRequest): boolean {
  const requests: unknown = Reflect.get(Object(Reflect.get(request, "agent")), "requests");
  return Object.values(Object(requests)).some((queue) => Array.isArray(queue) && queue.includes(request));
}

function outgoingOf(request: http.ClientRequest): Outgoing {
  return {
    method: request.method,
    attributes: addressOf(`${request.protocol}//${hostOf(request)}`),
    hasHeader: (name) => request.hasHeader(name),
    // Headers that were given as a list are written at once.
    addHeader: request.headersSent ? null : (name, value) => void request.setHeader(name, value),
  };
}

/**
 * A request keeps its host but not its port, which is only in the `Host` header that Node made of both. The application
 * may have written another one there, of which nothing is told.
 */
function hostOf(request: http.ClientRequest): string {
  const host = request.host.includes(":") && !request.host.startsWith("[") ? `[${request.host}]` : request.host;
  const header = request.getHeader("host");
  const isOfNode = typeof header === "string" && header.startsWith(host) && /^(:\d+)?$/.test(header.slice(host.length));
  return (isOfNode ? header : host).toLowerCase();
}
