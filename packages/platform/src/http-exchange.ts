import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Http2Stream, OutgoingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { Headers } from "@pinchpoint/probe";
import type { ServerChannel } from "./server-channels.ts";

/** How a server tells of its requests, in one version of the protocol. */
export interface Exchange {
  /** The server that a message of the channel is about. */
  readonly serverOf: (message: unknown) => Server;
  /** The server's event by which its listeners hear of a request. */
  readonly event: string;
  /** What is closed when the answer is over, among the event's arguments; null where they are no such request. */
  readonly answerOf: (args: readonly unknown[]) => Answer | null;
  /** What the request tells, by the event's arguments. */
  readonly incomingOf: (args: readonly unknown[]) => Incoming;
  /** Whether an answer that is closed is whole. */
  readonly isWhole: (answer: Answer) => boolean;
  /** What an answer says became of the request; NaN where it has said nothing. */
  readonly statusOf: (answer: Answer) => number;
}

export interface Incoming {
  readonly method: string;
  readonly headers: Headers;
  readonly isEncrypted: boolean;
  /** Of HTTP, such as `1.1` and `2`. */
  readonly version: string;
}

/** An answer that is closed, or will be. */
export type Answer = ServerResponse | ServerHttp2Stream;

/** node:http and node:https; HTTP/1 as well where a server of node:http2 allows it. */
const HTTP_1: Exchange = {
  serverOf: (message) => (message as { readonly server: Server }).server,
  event: "request",
  answerOf: ([request, response]) => {
    if (!isObject(request) || !isAnswer(response)) return null;
    // What node:http2 makes of a stream for those who know HTTP/1: the stream has been told already.
    return Reflect.get(request, "httpVersionMajor") === 2 ? null : response;
  },
  incomingOf: ([request]) => {
    const { method = "", headers, socket, httpVersion } = request as IncomingMessage;
    return { method, headers: headers as Headers, isEncrypted: "encrypted" in socket, version: httpVersion };
  },
  isWhole: (answer) => (answer as ServerResponse).writableFinished,
  statusOf: (answer) => (answer as ServerResponse).statusCode,
};

/** node:http2, whether its listeners take streams, or requests as of HTTP/1. A Node without the channel does not tell. */
const HTTP_2: Exchange = {
  serverOf: (message) => {
    const { session } = (message as { readonly stream: Http2Stream }).stream;
    return (session as ServerHttp2Session & { readonly server: Server }).server;
  },
  event: "stream",
  answerOf: ([stream]) => (isAnswer(stream) ? stream : null),
  incomingOf: ([stream, told]) => {
    const headers = told as Headers;
    const isEncrypted = (stream as ServerHttp2Stream).session?.encrypted === true;
    return { method: String(headers[":method"]), headers, isEncrypted, version: "2" };
  },
  isWhole: (answer) => (answer as ServerHttp2Stream).rstCode === 0,
  statusOf: (answer) => {
    const { sentHeaders } = answer as ServerHttp2Stream & { readonly sentHeaders?: OutgoingHttpHeaders };
    return Number(sentHeaders?.[":status"]);
  },
};

/** By the channel that tells of a request before the server's own listeners hear of it. */
export const EXCHANGES: Readonly<Record<ServerChannel, Exchange>> = {
  "http.server.request.start": HTTP_1,
  "http2.server.stream.created": HTTP_2,
};

function isAnswer(value: unknown): value is Answer {
  return isObject(value) && "once" in value;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
