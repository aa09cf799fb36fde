import diagnostics from "node:diagnostics_channel";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import {
  ATTRIBUTE,
  type Attachment,
  type Attributes,
  attachOnce,
  checkPipeline,
  type Headers,
  type Integration,
  isUnrecorded,
  type Method,
  type Recorder,
  replaceMethod,
  runUnit,
  type Span,
  type SpanAttributes,
  STARVED,
  type StageRecorder,
} from "@pinchpoint/probe";

export interface HttpServerOptions {
  /** The pipeline that requests belong to, usually the application's name. */
  readonly pipeline: string;
  /** What the stage's name begins with, as in `api.js/http-server`; default: nothing. Asked at the first request. */
  readonly thread?: () => string;
}

const STAGE = "http-server";
const STARTS = "http.server.request.start";
/** Those of a thread that are told apart: a test suite makes hundreds, and a thread has 64 rows. */
const MOST_SERVERS = 8;

/**
 * Makes the requests that come in a source: each is a hand-over, from the moment that a server of node:http or
 * node:https hears of it until its answer is closed, and what its handler calls and begins belongs to it. It has failed
 * where the answer says so (500 and above), or was broken off. Servers that Pinchpoint itself listens with are not
 * recorded.
 *
 * @throws PinchpointError where the pipeline has no name
 */
export function instrumentHttpServers(recorder: Recorder, options: HttpServerOptions): Attachment {
  checkPipeline(options.pipeline);
  return attachOnce(httpServers(options), diagnostics, recorder);
}

interface RequestStart {
  readonly server: Server;
}

function httpServers(options: HttpServerOptions): Integration<typeof diagnostics> {
  return {
    name: "http-server",
    attach: (channels, recorder) => {
      const requests = new Requests(recorder, options);
      const restores: (() => void)[] = [];
      const reached = new WeakSet<object>();
      // Told before the server emits the request: so no class of servers is looked for, or loaded, before it serves.
      const onStart = (message: unknown): void => {
        try {
          const { server } = message as RequestStart;
          const prototype: object = Object.getPrototypeOf(server);
          if (reached.has(prototype)) return;
          reached.add(prototype);
          restores.push(replaceMethod(prototype, "emit", (original) => requests.seenBy(original)));
        } catch {
          recorder.lose("not-patched");
        }
      };
      channels.subscribe(STARTS, onStart);
      return {
        detach: () => {
          channels.unsubscribe(STARTS, onStart);
          requests.isAttached = false;
          for (const restore of restores) restore();
        },
      };
    },
  };
}

class Requests {
  isAttached = true;
  readonly #recorder: Recorder;
  readonly #options: HttpServerOptions;
  /** A class of servers may extend another one, and then both tell. */
  readonly #taken = new WeakSet<object>();
  readonly #of = new WeakMap<Server, Listening>();
  readonly #listening: Listening[] = [];

  constructor(recorder: Recorder, options: HttpServerOptions) {
    this.#recorder = recorder;
    this.#options = options;
  }

  seenBy(original: Method): Method {
    const requests = this;
    return function emit(this: Server, ...args) {
      const listening = args[0] === "request" ? requests.#takenBy(this, args[1], args[2]) : null;
      return listening === null
        ? Reflect.apply(original, this, args)
        : requests.#handle(listening, original, this, args, requests.#spanOf(listening, original, args[1]));
    };
  }

  /**
   * The span of a request. None where another instrumentation has one: around us it is there already, and within us it
   * has left its mark on what it replaced. A span of another kind is of whoever began to listen.
   */
  #spanOf(listening: Listening, original: Method, request: IncomingMessage): Span | null {
    const { traces } = this.#recorder;
    if (!traces.isOn || traces.active()?.isOfServer || Reflect.get(original, "__wrapped") === true) return null;
    const { method = "HTTP", headers, httpVersion } = request;
    const port = listening.attributes[ATTRIBUTE.serverPort];
    const attributes: SpanAttributes = {
      ...listening.attributes,
      ...(port === undefined ? {} : { [ATTRIBUTE.serverPort]: Number(port) }),
      "http.request.method": method,
      "url.scheme": "encrypted" in request.socket ? "https" : "http",
      "network.protocol.version": httpVersion,
    };
    const start = { name: method, kind: "server", atMs: this.#recorder.nowMs(), attributes } as const;
    return traces.root(start, traces.told(headers as Headers));
  }

  /** Null for what was taken before, is not to be recorded, or is no request of Node's. */
  #takenBy(server: Server, request: unknown, response: unknown): Listening | null {
    try {
      if (!this.isAttached || !isObject(request) || !isObject(response) || !("once" in response)) return null;
      if (isUnrecorded(server) || this.#taken.has(request)) return null;
      this.#taken.add(request);
      return this.#of.get(server) ?? this.#met(server);
    } catch {
      this.#recorder.lose("not-patched");
      return null;
    }
  }

  #handle(listening: Listening, original: Method, server: Server, args: unknown[], span: Span | null): unknown {
    listening.begins();
    let returned: unknown;
    let answered: Promise<void> | null = null;
    // Not caught and thrown again: Node would print our line in the place of the application's.
    try {
      answered = listening.run(span, () => {
        returned = Reflect.apply(original, server, args);
        const response = args[2] as ServerResponse;
        return closed(response, () => span?.set({ "http.response.status_code": response.statusCode }));
      });
    } finally {
      if (answered === null) listening.ends();
    }
    const ends = () => listening.ends();
    answered.then(ends, ends);
    return returned;
  }

  /** A server's first request: from the eighth on they share a stage. */
  #met(server: Server): Listening {
    const isOneMore = this.#listening.length < MOST_SERVERS;
    const listening = isOneMore ? this.#open(server) : (this.#listening.at(-1) as Listening);
    if (isOneMore) this.#listening.push(listening);
    this.#of.set(server, listening);
    return listening;
  }

  /** The stage of a server: the first is `http-server`, the next `http-server#2`. */
  #open(server: Server): Listening {
    const { pipeline, thread } = this.#options;
    const count = this.#listening.length + 1;
    const own = count === 1 ? STAGE : `${STAGE}#${count}`;
    const name = thread === undefined ? own : `${thread()}/${own}`;
    const address = server.address();
    const attributes: Attributes =
      typeof address === "object" && address !== null ? { [ATTRIBUTE.serverPort]: String(address.port) } : {};
    const row = this.#recorder.openStage({ pipeline, name, role: "source", attributes });
    return new Listening(row, { ...attributes, [ATTRIBUTE.pipeline]: pipeline, [ATTRIBUTE.stage]: name });
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** While no request is there, the source waits for one: that is what limits it then. */
class Listening {
  /** What its requests' spans tell of it. */
  readonly attributes: Attributes;
  readonly #row: StageRecorder | null;
  #requests = 0;

  /** @param row - the stage's; null where there is no room for it */
  constructor(row: StageRecorder | null, attributes: Attributes) {
    this.attributes = attributes;
    this.#row = row;
    row?.enter(STARVED, row.nowMs());
  }

  run<T>(span: Span | null, work: () => T): T {
    return this.#row === null ? work() : runUnit(this.#row, work, { items: 1, span });
  }

  begins(): void {
    if (this.#requests === 0) this.#row?.leave(STARVED, this.#row.nowMs());
    this.#requests += 1;
  }

  ends(): void {
    this.#requests -= 1;
    if (this.#requests === 0) this.#row?.enter(STARVED, this.#row.nowMs());
  }
}

/** Rejects where the answer says that something went wrong, or where it is not whole. */
function closed(response: ServerResponse, onAnswer: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      onAnswer();
      if (response.writableFinished && response.statusCode < 500) resolve();
      else reject(FAILED);
    };
    if (response.closed) settle();
    else response.once("close", settle);
  });
}

/** Seen by nobody: the application's own errors take their own way. */
const FAILED = new Error("the request failed");
