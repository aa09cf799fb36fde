import { type Method, replaceMethods, WAIT } from "@pinchpoint/probe";
import type { CallNames } from "./call-name.ts";
import type { BegunCall, OpenCalls } from "./open-calls.ts";

/** As far as its methods are public; where one is missing, the dispatcher is left alone. */
interface Dispatcher {
  readonly destroyed?: boolean;
  readonly stats?: { readonly queued?: number };
}

/** What `import * as undici from "undici"` gives. */
export interface UndiciCopy {
  readonly Pool: { readonly prototype: object };
}

interface DispatchOptions {
  readonly origin?: string | URL;
  readonly method?: string;
  readonly path?: string;
}

/** A request that a pool will make when a connection gets free; without a call where it belongs to no stage. */
interface Queued {
  readonly call: BegunCall | null;
  readonly dispatcher: Dispatcher;
  readonly keys: readonly object[];
}

const GLOBAL_DISPATCHERS = [Symbol.for("undici.globalDispatcher.1"), Symbol.for("undici.globalDispatcher.2")];

/**
 * Requests that wait in an undici pool whose connections are all busy. The pool makes the request, and tells of it on the
 * channel, only when a connection gets free: too late to see the wait, and in the context of another one's answer. So
 * `dispatch` of the class that all dispatchers of one copy of undici share is replaced; it is found by the global
 * dispatcher, or else by the first connection that is made, or at once in the copies that the options give. What waits in
 * a pool before that is not seen waiting, and is charged to the stage that opened the connection. A pool that was given
 * interceptors by `compose` before that has kept the old `dispatch`, and stays so.
 */
export class UndiciQueues {
  readonly #calls: OpenCalls;
  readonly #names: CallNames;
  readonly #reached = new WeakSet<object>();
  readonly #restores: (() => void)[] = [];
  /** The last seen global dispatchers, in the order of GLOBAL_DISPATCHERS. */
  readonly #globals: unknown[] = [];
  readonly #queued = new WeakMap<object, Queued>();
  readonly #waiting = new Set<Queued>();
  /** Pools and clients are given paths alone, and know their origin themselves. */
  readonly #origins = new WeakMap<Dispatcher, string>();
  #isAttached = true;
  /** Whether a `dispatch` is under way that has neither made its request nor queued it. */
  #isDispatching = false;
  /** What the request that is dispatched now has waited as; undefined where it has not waited. */
  #carried: BegunCall | null | undefined;
  /** Of the request that the `dispatch` under way has made. */
  #createdOrigin = "";

  constructor(calls: OpenCalls, names: CallNames, copies: readonly UndiciCopy[]) {
    this.#calls = calls;
    this.#names = names;
    calls.guarded(() => {
      this.#reachGlobals();
      for (const { Pool } of copies) this.#reach(Pool.prototype);
    })();
  }

  /**
   * A request is made.
   *
   * @returns its call where it has waited in a pool, null if that belongs to no stage; undefined where it is made at once
   */
  created(origin: string): BegunCall | null | undefined {
    this.#reachGlobals();
    const carried = this.#carried;
    this.#carried = undefined;
    this.#isDispatching = false;
    this.#createdOrigin = origin;
    return carried;
  }

  /** A connection is made: its socket knows the client that it works for. */
  reachBySocket(socket: object): void {
    for (const symbol of Object.getOwnPropertySymbols(socket)) {
      const value: unknown = Reflect.get(socket, symbol);
      if (typeof value === "object" && value !== null) this.#reach(value);
    }
  }

  /** What still waits has no end that anyone would see. */
  restore(): void {
    this.#isAttached = false;
    for (const restore of this.#restores.splice(0)) restore();
    for (const queued of this.#waiting) this.#drop(queued);
  }

  readonly #reachGlobals = (): void => {
    for (const [i, symbol] of GLOBAL_DISPATCHERS.entries()) {
      const dispatcher: unknown = Reflect.get(globalThis, symbol);
      if (dispatcher === this.#globals[i]) continue;
      this.#globals[i] = dispatcher;
      if (typeof dispatcher === "object" && dispatcher !== null) this.#reach(dispatcher);
    }
  };

  /** Replaces `dispatch` and `destroy` where a dispatcher's class has them, once for all dispatchers of that class. */
  #reach(dispatcher: object): void {
    let owner: object | null = Object.getPrototypeOf(dispatcher);
    while (owner !== null && !["dispatch", "close", "destroy"].every((name) => Object.hasOwn(owner as object, name))) {
      owner = Object.getPrototypeOf(owner);
    }
    if (owner === null || this.#reached.has(owner)) return;
    this.#reached.add(owner);
    const enters = this.#calls.guarded(this.#enters);
    const leaves = this.#calls.guarded(this.#leaves);
    const destroyed = this.#calls.guarded(this.#destroyed);
    const dispatching = (original: Method): Method =>
      function dispatch(...args) {
        enters(args[0], args[1]);
        try {
          return Reflect.apply(original, this, args);
        } finally {
          leaves(this, args[0], args[1]);
        }
      };
    const destroying = (original: Method): Method =>
      function destroy(...args) {
        try {
          return Reflect.apply(original, this, args);
        } finally {
          destroyed();
        }
      };
    this.#restores.push(
      replaceMethods([
        [owner, "dispatch", dispatching],
        [owner, "destroy", destroying],
      ]),
    );
  }

  readonly #enters = (options: object, handler: object): void => {
    if (!this.#isAttached) return;
    const queued = this.#queued.get(handler) ?? this.#queued.get(options);
    if (queued !== undefined) {
      this.#forget(queued);
      this.#carried = queued.call;
    }
    this.#isDispatching = true;
    this.#createdOrigin = "";
  };

  readonly #leaves = (dispatcher: Dispatcher, options: DispatchOptions, handler: object): void => {
    if (!this.#isAttached) return;
    if (this.#isDispatching) this.#leavesWithoutRequest(dispatcher, options, handler);
    else if (this.#createdOrigin !== "") this.#origins.set(dispatcher, this.#createdOrigin);
  };

  #leavesWithoutRequest(dispatcher: Dispatcher, options: DispatchOptions, handler: object): void {
    this.#isDispatching = false;
    const carried = this.#carried;
    this.#carried = undefined;
    const isQueued = dispatcher.destroyed !== true && (dispatcher.stats?.queued ?? 0) > 0;
    if (!isQueued) {
      // Its dispatcher has refused it, and told its handler so.
      if (carried !== undefined && carried !== null) this.#calls.finish(carried, "failed");
      return;
    }
    const call = carried === undefined ? this.#begin(dispatcher, options) : carried;
    // undici wraps handlers of its newer kind anew, after which only the options are the same object.
    const keys = Reflect.has(handler, "onRequestStart") ? [handler, options] : [handler];
    const queued = { call, dispatcher, keys };
    for (const key of keys) this.#queued.set(key, queued);
    this.#waiting.add(queued);
  }

  #begin(dispatcher: Dispatcher, { origin, method = "GET", path = "/" }: DispatchOptions): BegunCall | null {
    const known = origin === undefined ? this.#origins.get(dispatcher) : String(origin);
    return known === undefined ? null : this.#calls.begin(this.#names.ofOrigin(known, method, path), WAIT);
  }

  /** What waited in a pool that is destroyed gets its error from the pool itself, and never becomes a request. */
  readonly #destroyed = (): void => {
    for (const queued of this.#waiting) if (queued.dispatcher.destroyed === true) this.#drop(queued);
  };

  #drop(queued: Queued): void {
    this.#forget(queued);
    if (queued.call !== null) this.#calls.finish(queued.call, "failed");
  }

  #forget(queued: Queued): void {
    this.#waiting.delete(queued);
    for (const key of queued.keys) this.#queued.delete(key);
  }
}
