import Module from "node:module";
import { type Method, replaceMethod } from "@pinchpoint/probe/attach";
import { guarded } from "./guarded.ts";

/** What Node finds and loads CommonJS modules by, also those that an ES module imports. */
interface Loader {
  /** By the path of a file. */
  readonly _cache: Readonly<Record<string, { readonly loaded: boolean } | undefined>>;
  readonly _extensions: object;
}

/** The main file of a package, by its path. */
export function mainFileOf(name: string): RegExp {
  return new RegExp(`[\\\\/]${name}[\\\\/](?:dist[\\\\/])?(?:src[\\\\/])?(?:main|index)\\.js$`);
}

/**
 * Calls back with the exports of a file when the application has loaded it, before the application sees them. What the
 * callback throws is counted, and the module loads as ever.
 *
 * Nothing of ours is on the stack while any other file runs, so that errors which an application tells have the stacks
 * that they have bare (but for that of a path which a package does not export): what is replaced for good is only how the path of a file is found, and what runs a file is
 * replaced from when a file that is looked for was found until it runs.
 */
export function onModuleLoad(file: RegExp, onLoaded: (exports: unknown) => void, onFailed: () => void): void {
  const loader = Module as unknown as Loader;
  const awaited = new Set<string>();
  const found = (path: string): void => {
    if (awaited.has(path) || loader._cache[path]?.loaded === true) return;
    awaited.add(path);
    const begins = () => awaited.delete(path);
    onceRun(loader._extensions, path, begins, (exports) => guarded(() => onLoaded(exports), onFailed));
  };
  onFileFound(file, found, onFailed);
}

/** Calls back with the path of a file whenever it is found, be it of an ES module that a thread begins with. */
export function onFileFound(file: RegExp, onFound: (path: string) => void, onFailed: () => void): void {
  // Node calls it as a method, and only so: nobody imports it by its name, for whom a call as dear as all this would be.
  const watch = () =>
    replaceMethod(
      Module,
      "_findPath",
      (original) =>
        function _findPath(...args) {
          const path: unknown = Reflect.apply(original, this, args);
          if (typeof path === "string" && file.test(path)) guarded(() => onFound(path), onFailed);
          return path;
        },
    );
  guarded(watch, onFailed);
}

/** Calls back with the exports of a file when it has run next. */
function onceRun(extensions: object, path: string, begins: () => void, onRun: (exports: unknown) => void): void {
  let isOver = false;
  const running =
    (original: Method): Method =>
    (module, filename, ...more) => {
      const isIt = !isOver && filename === path;
      if (isIt) {
        isOver = true;
        restore();
        begins();
      }
      const returned = Reflect.apply(original, extensions, [module, filename, ...more]);
      if (isIt) onRun(module.exports);
      return returned;
    };
  const restore = replaceMethod(extensions, ".js", running);
}
