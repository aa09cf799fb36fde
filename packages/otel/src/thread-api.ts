import { replaceMethod, type Traces } from "@pinchpoint/probe";
import type { ApiCopy, ApiUse, FirstAnswer } from "./api-use.ts";
import { ThreadContexts } from "./thread-contexts.ts";
import { type ProxyProvider, ThreadTracers } from "./thread-tracers.ts";

export interface ThreadApiOptions {
  readonly use: ApiUse;
  readonly traces: Traces;
  readonly nowMs: () => number;
  /** Something of a span was lost. */
  readonly onFailure: () => void;
}

/** What a copy of the API keeps to itself: where its tracers ask, and what its contexts are kept by. */
interface Inside {
  readonly trace: { readonly _proxyTracerProvider: ProxyProvider };
}

/**
 * Makes OpenTelemetry's API work in a worker thread that has no SDK: its spans go where the stages' go. Nothing is
 * registered, so that an SDK which is registered later is as it would be bare, and has all to itself from then on.
 */
export class ThreadApi {
  readonly #options: ThreadApiOptions;
  #isAside = false;

  constructor(options: ThreadApiOptions) {
    this.#options = options;
  }

  /** @throws TypeError where the copy is not made as those that are known */
  follow(copy: ApiCopy): FirstAnswer {
    const { traces, nowMs, onFailure } = this.#options;
    const { _proxyTracerProvider: proxy } = (copy as unknown as Inside).trace;
    const contexts = new ThreadContexts(copy.ROOT_CONTEXT);
    const isAside = () => this.#steppedAside();
    replaceMethod(Object.getPrototypeOf(copy.context), "_getContextManager", (original) => {
      return function _getContextManager() {
        return isAside() ? Reflect.apply(original, this, []) : contexts;
      };
    });
    const tracers = new ThreadTracers({ copy, proxy, traces, nowMs, onFailure, isAside });
    proxy.setDelegate(tracers);
    return { trace: proxy, context: contexts };
  }

  /** Once is for good. */
  #steppedAside(): boolean {
    this.#isAside ||= this.#options.use.isRegistered;
    return this.#isAside;
  }
}
