import Module, { syncBuiltinESMExports } from "node:module";

/** What Node calls for every CommonJS module, also for one that an ES module imports. */
interface Loader {
  _load: (request: string, ...rest: unknown[]) => unknown;
}

/** The main file of a package, as it is asked for by name, or by path where an ES module wraps it. */
export function mainFileOf(name: string): RegExp {
  return new RegExp(`^${name}$|[\\\\/]node_modules[\\\\/]${name}[\\\\/](?:dist[\\\\/])?(?:main|index)\\.js$`);
}

/**
 * Calls back with the exports of a package each time that the application loads it, before the application sees them.
 * What the callback throws is counted, and the module loads as ever.
 */
export function onModuleLoad(main: RegExp, onLoaded: (exports: unknown) => void, onFailed: () => void): void {
  const loader = Module as unknown as Loader;
  const load = loader._load;
  if (typeof load !== "function") {
    onFailed();
    return;
  }
  loader._load = function _load(...args) {
    const exports = Reflect.apply(load, this, args);
    if (!main.test(args[0])) return exports;
    try {
      onLoaded(exports);
    } catch {
      onFailed();
    }
    return exports;
  };
  syncBuiltinESMExports();
}
