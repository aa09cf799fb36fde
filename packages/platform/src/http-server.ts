import type { Server } from "node:http";
import {
  ATTRIBUTE,
  type Attributes,
  isUnrecorded,
  type Recorder,
  type Span,
  type SpanStart,
  STARVED,
  type StageRecorder,
  UnitRunner,
} from "@pinchpoint/probe";
import { type Attachment, checkPipeline, type Method, replaceMethod } from "@pinchpoint/probe/attach";
import { type Answer, EXCHANGES, type Exchange, type Incoming } from "./http-exchange.ts";
import { type ServerRequests, watchServers } from "./server-channels.ts";

export interface HttpServerOptions {
  /** The pipeline that requests belong to, usually the application's name. */
  readonly pipeline: string;
  /** What the stage's name begins with, as in `api.js/http-server`; default: nothing. Asked at the first request. */
  readonly thread?: () => string;
}

const STAGE = "http-server";
/** Those of a thread that are told apart: a test suite makes hundreds. */
const MOST_SERVERS = 8;

/**
 * Makes the requests that come in a source: each is a hand-over, from the moment that a server of node:http, node:https
 * or node:http2 hears of it until its answer is closed, and what its handler calls and begins belongs to it. It has failed
 * where the answer says so (500 and above), or was broken off. Servers that Pinchpoint itself listens with are not
 * recorded.
 *
 * @throws PinchpointError where the pipeline has no name
 */
export function instrumentHttpServers(recorder: Recorder, options: HttpServerOptions): Attachment {
  const requests = serverRequests(recorder, options);
  return watchServers(recorder, () => requests);
}

/**
 * What `watchServers` asks for, where it is to be loaded late.
 *
 * @throws PinchpointError where the pipeline has no name
 */
export function serverRequests(recorder: Recorder, options: HttpServerOptions): ServerRequests {
  checkPipeline(options.pipeline);
  const requests = new Requests(recorder, options);
  const restores: (() => void)[] = [];
  const reached = new WeakMap<Exchange, WeakSet<object>>();
  return {
    began: (channel, message) => {
      const exchange = EXCHANGES[channel];
      const prototype: object = Object.getPrototypeOf(exchange.serverOf(message));
      const ofExchange = reached.get(exchange) ?? new WeakSet();
      if (ofExchange.has(prototype)) return;
      reached.set(exchange, ofExchange.add(prototype));
      restores.unshift(replaceMethod(prototype, "emit", (original) => requests.seenBy(exchange, original)));
    },
    detach: () => {
      requests.isAttached = false;
      for (const restore of restores) restore();
    },
  };
}

/** A request that a server has told of. */
interface Told {
  readonly exchange: Exchange;
  readonly answer: Answer;
}

/** What a request is in a trace. */
interface Traced {
  readonly span: Span | null;
  /** Null where nobody keeps spans, or it is another's to tell. */
  readonly start: SpanStart | null;
  readonly attributes: Record<string, string | number>;
}

const UNTRACED: Traced = { span: null, start: null, attributes: {} };

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

  seenBy(exchange: Exchange, original: Method): Method {
    const requests = this;
    return function emit(this: Server, ...args) {
      const answer = args[0] === exchange.event ? requests.#takenBy(this, exchange, args) : null;
      const listening = answer === null ? null : requests.#listeningOf(this);
      return answer === null || listening === null
        ? Reflect.apply(original, this, args)
        : requests.#handle(listening, { exchange, answer }, original, this, args);
    };
  }

  /**
   * The span of a request. None where another instrumentation has one: around us it is there already, and within us it
   * has left its mark on what it replaced. A span of another kind is of whoever began to listen.
   */
  #spanOf(listening: Listening, original: Method, incoming: () => Incoming): Traced {
    const { traces } = this.#recorder;
    if (!traces.isOn || traces.active()?.isOfServer || Reflect.get(original, "__wrapped") === true) return UNTRACED;
    const { method, headers, isEncrypted, version } = incoming();
    const port = listening.attributes[ATTRIBUTE.serverPort];
    const attributes: Traced["attributes"] = {
      ...listening.attributes,
      ...(port === undefined ? {} : { [ATTRIBUTE.serverPort]: Number(port) }),
      "http.request.method": method,
      "url.scheme": isEncrypted ? "https" : "http",
      "network.protocol.version": version,
    };
    const start = { name: method, kind: "server", atMs: this.#recorder.nowMs(), attributes } as const;
    return { span: traces.root(start, traces.told(headers)), start, attributes };
  }

  #guardedSpan(listening: Listening, original: Method, incoming: () => Incoming): Traced {
    try {
      return this.#spanOf(listening, original, incoming);
    } catch {
      this.#recorder.lose("span");
      return UNTRACED;
    }
  }

  /** Null for what was taken before, is not to be recorded, or is no request of Node's. */
  #takenBy(server: Server, exchange: Exchange, [, ...args]: readonly unknown[]): Answer | null {
    try {
      const answer = this.isAttached ? exchange.answerOf(args) : null;
      if (answer === null || isUnrecorded(server) || this.#taken.has(answer)) return null;
      this.#taken.add(answer);
      return answer;
    } catch {
      this.#recorder.lose("not-patched");
      return null;
    }
  }

  #listeningOf(server: Server): Listening | null {
    try {
      return this.#of.get(server) ?? this.#met(server);
    } catch {
      this.#recorder.lose("not-patched");
      return null;
    }
  }

  #handle(listening: Listening, told: Told, original: Method, server: Server, args: unknown[]): unknown {
    const traced = this.#guardedSpan(listening, original, () => told.exchange.incomingOf(args.slice(1)));
    listening.begins();
    let returned: unknown;
    let whole: Promise<void> | null = null;
    // Not caught and thrown again: Node would print our line in the place of the application's.
    try {
      whole = listening.run(traced, () => {
        returned = Reflect.apply(original, server, args);
        return closed(told, (status) => {
          traced.span?.set({ "http.response.status_code": status });
          // Where it becomes a span after the fact.
          if (traced.start !== null) traced.attributes["http.response.status_code"] = status;
        });
      });
    } finally {
      if (whole === null) listening.ends();
    }
    const ends = () => listening.ends();
    whole.then(ends, ends);
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

/** While no request is there, the source waits for one: that is what limits it then. */
class Listening {
  /** What its requests' spans tell of it. */
  readonly attributes: Attributes;
  readonly #row: StageRecorder | null;
  readonly #runner: UnitRunner | null;
  #requests = 0;

  /** @param row - the stage's; null where there is no room for it */
  constructor(row: StageRecorder | null, attributes: Attributes) {
    this.attributes = attributes;
    this.#row = row;
    this.#runner = row === null ? null : new UnitRunner(row, "ambient");
    row?.enter(STARVED, row.nowMs());
  }

  run<T>({ span, start }: Traced, work: () => T): T {
    return this.#runner === null ? work() : this.#runner.run(work, 1, undefined, span, { parent: null, start });
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
function closed({ exchange, answer }: Told, onStatus: (status: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      const status = exchange.statusOf(answer);
      if (!Number.isNaN(status)) onStatus(status);
      if (exchange.isWhole(answer) && status < 500) resolve();
      else reject(FAILED);
    };
    if (answer.closed) settle();
    else answer.once("close", settle);
  });
}

/** Seen by nobody: the application's own errors take their own way. */
const FAILED = new Error("the request failed");
