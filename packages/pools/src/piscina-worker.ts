import { createRequire } from "node:module";

/** A class of Piscina's own that it does not export: one worker of a pool, which is handed its tasks by `postTask`. */
interface WorkerInfoClass {
  readonly prototype: object;
}

/**
 * Finds the `WorkerInfo` that belongs to a `Piscina`, in the modules that Piscina's own module has loaded. A pool tells
 * of its workers too late, in an event after its first tasks are posted.
 *
 * @throws TypeError where it is not there: a bundle, a loader of its own, another version
 */
export function workerInfoOf(piscinaClass: object): WorkerInfoClass {
  const { cache } = createRequire(import.meta.url);
  const main = Object.values(cache).find((module) => module?.exports === piscinaClass);
  const modules = new Set(main === undefined ? [] : [main]);
  // A set goes on over what is added meanwhile, and takes nothing twice.
  for (const { exports, children } of modules) {
    const found: unknown = isObject(exports) ? Reflect.get(exports, "WorkerInfo") : null;
    if (typeof found === "function") return found;
    for (const child of children) modules.add(child);
  }
  throw new TypeError("Piscina's WorkerInfo is not among the modules that it loaded");
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
