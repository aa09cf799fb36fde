import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { getCallSites } from "node:util";
import type * as Api from "@opentelemetry/api";

/** One of the copies of OpenTelemetry's API that a thread has loaded. */
export type ApiCopy = typeof Api;

/** What a copy of the API is told for the one question by which it was found. */
export interface FirstAnswer {
  readonly trace: unknown;
  readonly context: unknown;
}

const KEY = Symbol.for("opentelemetry.js.api.1");

/** The one function of the API that asks what is registered, in either of its builds; another one registers. */
const ASKING = "getGlobal";
const ASKING_FILE = /[\\/]@opentelemetry[\\/]api[\\/](?:dist|build[\\/]src)[\\/]internal[\\/]global-utils\.[cm]?js$/;

/** A copy of the API takes what one of its own version or a newer one has registered (`isCompatible` in its internal/semver). */
const NEWEST = "1.999999.0";

/** Who asks is looked up this often at most, which costs some tens of microseconds each time. */
const MOST_LOOKS = 64;

/**
 * Watches for the first use of OpenTelemetry's API in a thread, where nothing is registered with it. Nothing of the API is
 * loaded or touched for that: every copy of it, of CommonJS and ES modules alike, asks the same property of `globalThis`,
 * which is not there until something is registered, and then is as it would have been.
 */
export class ApiUse {
  readonly #onUse: (copy: ApiCopy) => FirstAnswer;
  readonly #onFailure: () => void;
  readonly #known = new Set<string>();
  #looks = 0;
  #isLooking = false;

  /**
   * @param onUse - a copy of the API is used for the first time
   * @param onFailure - what `onUse` throws is not the application's
   */
  constructor(onUse: (copy: ApiCopy) => FirstAnswer, onFailure: () => void) {
    this.#onUse = onUse;
    this.#onFailure = onFailure;
    if (Reflect.has(globalThis, KEY)) return;
    Object.defineProperty(globalThis, KEY, {
      configurable: true,
      enumerable: false,
      get: () => this.#asked(),
      set: (value: unknown) => {
        Object.defineProperty(globalThis, KEY, { value, writable: true, enumerable: true, configurable: true });
      },
    });
  }

  /** Whether somebody has registered an SDK for traces, or what keeps contexts, by any copy of the API. */
  get isRegistered(): boolean {
    this.#isLooking = true;
    try {
      const registered = (globalThis as { [KEY]?: { readonly trace?: unknown; readonly context?: unknown } })[KEY];
      return registered?.trace !== undefined || registered?.context !== undefined;
    } finally {
      this.#isLooking = false;
    }
  }

  #asked(): object | undefined {
    if (this.#isLooking) return undefined;
    this.#isLooking = true;
    try {
      return this.#look();
    } catch {
      this.#onFailure();
      return undefined;
    } finally {
      this.#isLooking = false;
    }
  }

  #look(): object | undefined {
    this.#looks += 1;
    if (this.#looks > MOST_LOOKS) Reflect.deleteProperty(globalThis, KEY);
    // This method, the one that called it, the getter, and who asks.
    const asking = getCallSites(4, { sourceMap: false })[3];
    if (asking?.functionName !== ASKING) return undefined;
    const file = asking.scriptName.startsWith("file:") ? fileURLToPath(asking.scriptName) : asking.scriptName;
    if (this.#known.has(file) || !ASKING_FILE.test(file)) return undefined;
    this.#known.add(file);
    // It has run: this only finds it.
    const index = join(dirname(file), "..", `index${extname(file)}`);
    const answer = this.#onUse(createRequire(index)(index) as ApiCopy);
    return { version: NEWEST, ...answer };
  }
}
