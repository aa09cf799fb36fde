import { syncBuiltinESMExports } from "node:module";
import timers from "node:timers";
import {
  type Attachment,
  attachOnce,
  callSite,
  type Integration,
  inPlaceOf,
  type Method,
  type OutsideHolder,
  type Recorder,
  replaceMethods,
  runningWork,
} from "@pinchpoint/probe";

export interface TimerOptions {
  /** Where the application set the timer, such as `metrics.js:12`; null where that is unknown. */
  readonly place?: () => string | null;
}

const NAMES = ["setTimeout", "setInterval", "setImmediate"] as const;
type TimerName = (typeof NAMES)[number];

/** To look a place up costs some 6 µs: so often a second at most, that it is below a thousandth of the time. */
const PLACES_PER_SECOND = 100;

/**
 * Tells how long the callbacks of timers hold the event loop that no stage has set: by the callback's name and the place
 * where it was set. A timer that a stage sets is part of that stage's work, and is left as it is.
 */
export function instrumentTimers(recorder: Recorder, options: TimerOptions = {}): Attachment {
  return attachOnce(timerCallbacks(options), timers, recorder);
}

function timerCallbacks({ place = () => callSite()?.label ?? null }: TimerOptions): Integration<typeof timers> {
  return {
    name: "timers",
    attach: (module, recorder) => {
      const places = new Places(place, () => recorder.nowMs());
      const shared = NAMES.filter((name) => Reflect.get(globalThis, name) === Reflect.get(module, name));
      const restore = replaceMethods([
        ...NAMES.map((name) => [module, name, told(name, recorder, places)] as const),
        // Something else may be in the global's place; then that calls the module's, or does something of its own.
        ...shared.map((name) => [globalThis, name, () => Reflect.get(module, name)] as const),
      ]);
      syncBuiltinESMExports();
      return {
        detach: () => {
          restore();
          syncBuiltinESMExports();
        },
      };
    },
  };
}

function told(name: TimerName, recorder: Recorder, places: Places): (original: Method) => Method {
  return (original) => {
    const replacement: Method = function (this: unknown, ...args: unknown[]) {
      const [callback] = args;
      if (typeof callback === "function" && runningWork() === null)
        args[0] = holding(callback as Method, outsideOf(name, callback as Method, recorder, places));
      return Reflect.apply(original, this, args);
    };
    // util.promisify looks for a symbol on it.
    for (const key of Object.getOwnPropertySymbols(original)) {
      Object.defineProperty(replacement, key, Object.getOwnPropertyDescriptor(original, key) as PropertyDescriptor);
    }
    return replacement;
  };
}

function holding(callback: Method, holder: OutsideHolder): Method {
  return inPlaceOf(callback, function (this: unknown, ...args: unknown[]) {
    return holder.run(callback, this, args);
  });
}

function outsideOf(name: TimerName, { name: title }: Method, recorder: Recorder, places: Places): OutsideHolder {
  const place = places.next();
  const what = title === "" ? name : `${name} ${title}`;
  return recorder.outsideHolder(place === null ? what : `${what} (${place})`);
}

/** Places of callers, not more often than is cheap. */
class Places {
  readonly #find: () => string | null;
  readonly #nowMs: () => number;
  #sinceMs = Number.NEGATIVE_INFINITY;
  #left = 0;

  constructor(find: () => string | null, nowMs: () => number) {
    this.#find = find;
    this.#nowMs = nowMs;
  }

  next(): string | null {
    const nowMs = this.#nowMs();
    if (nowMs - this.#sinceMs >= 1000) {
      this.#sinceMs = nowMs;
      this.#left = PLACES_PER_SECOND;
    }
    if (this.#left === 0) return null;
    this.#left -= 1;
    return this.#find();
  }
}
