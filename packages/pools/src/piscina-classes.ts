import { createRequire } from "node:module";

/** Classes of Piscina's own that it does not export. */
export interface PiscinaClasses {
  /** The prototype of one worker of a pool, which is handed its tasks by `postTask`. */
  readonly worker: object;
  /** What Piscina makes its tasks of: the exports of the module that has the class `TaskInfo`. */
  readonly taskModule: object;
}

/**
 * Finds the classes that belong to a `Piscina`, in the modules that Piscina's own module has loaded. A pool tells of its
 * workers too late, in an event after its first tasks are posted, and of its tasks not at all.
 *
 * @throws TypeError where they are not there: a bundle, a loader of its own, another version
 */
export function classesOf(piscinaClass: object): PiscinaClasses {
  const { cache } = createRequire(import.meta.url);
  const main = Object.values(cache).find((module) => module?.exports === piscinaClass);
  const modules = new Set(main === undefined ? [] : [main]);
  let worker: object | null = null;
  let taskModule: object | null = null;
  // A set goes on over what is added meanwhile, and takes nothing twice.
  for (const { exports, children } of modules) {
    worker ??= classNamed("WorkerInfo", exports)?.prototype ?? null;
    if (classNamed("TaskInfo", exports) !== null) taskModule ??= exports;
    if (worker !== null && taskModule !== null) return { worker, taskModule };
    for (const child of children) modules.add(child);
  }
  const missing = worker === null ? "WorkerInfo" : "TaskInfo";
  throw new TypeError(`Piscina's ${missing} is not among the modules that it loaded`);
}

function classNamed(name: string, exports: unknown): { readonly prototype: object } | null {
  if (typeof exports !== "object" || exports === null) return null;
  // Looked up without asking a getter: what is exported for others may load them.
  const found: unknown = Object.getOwnPropertyDescriptor(exports, name)?.value;
  return typeof found === "function" ? (found as { readonly prototype: object } & typeof found) : null;
}
