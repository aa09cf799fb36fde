import { syncBuiltinESMExports } from "node:module";
import stream from "node:stream";
import type { CallSite } from "@pinchpoint/probe";
import { type AnyRecorder, type Method, replaceMethods } from "@pinchpoint/probe/attach";
import type { StreamGraph } from "./stream-graph.ts";

/**
 * Replaces what makes a stream of functions and of other streams: `compose`, as an export and as a method, and
 * `Duplex.from`. From outside such a stream is a sink and a source that have nothing to do with each other; here it is
 * known that what goes in comes to the first of its parts, and that what comes out is the last one's.
 *
 * @param graph - asked for where something is composed; null where there can be none
 * @returns restores them
 */
export function watchComposeCalls(graph: () => StreamGraph | null, recorder: AnyRecorder): () => void {
  const watch = new Watch(graph, recorder);
  const restore = replaceMethods([
    [stream, "compose", (original) => watch.composing(original)],
    [stream.Duplex, "from", (original) => watch.making(original)],
    [stream.Readable.prototype, "compose", (original) => watch.extending(original)],
  ]);
  syncBuiltinESMExports();
  return () => {
    watch.isAttached = false;
    restore();
    syncBuiltinESMExports();
  };
}

/** Such a function gives nothing on: where something comes after it, Node complains, and shows the function itself. */
function isAsyncFunction(part: unknown): boolean {
  return Object.prototype.toString.call(part) === "[object AsyncFunction]";
}

function isBody(part: unknown): part is Method {
  return typeof part === "function";
}

class Watch {
  isAttached = true;
  readonly #graph: () => StreamGraph | null;
  readonly #recorder: AnyRecorder;
  /** Node's own, by which its `compose` makes streams of functions. */
  readonly #from: Method = Reflect.get(stream.Duplex, "from") as Method;

  constructor(graph: () => StreamGraph | null, recorder: AnyRecorder) {
    this.#graph = graph;
    this.#recorder = recorder;
  }

  /** `Duplex.from(body)` */
  making(original: Method): Method {
    const watch = this;
    return function from(...args) {
      const [body, ...rest] = args;
      const site = isBody(body) ? watch.#site() : null;
      if (site === null) return Reflect.apply(original, this, args);
      return watch.#made(body, site, 0, (observed) => Reflect.apply(original, this, [observed, ...rest]));
    };
  }

  /** `compose(...parts)` */
  composing(original: Method): Method {
    const watch = this;
    return function compose(...parts) {
      const last = parts.length - 1;
      const isRefused = last < 0 || (last > 0 && isAsyncFunction(parts[0]));
      const site = isRefused ? null : watch.#site();
      if (site === null) return Reflect.apply(original, this, parts);
      // Node makes streams of those at the ends, and leaves the others to its `pipeline`.
      const given = parts.map((part, index) =>
        (index === 0 || index === last) && isBody(part) ? watch.#made(part, site, index, watch.#streamOf) : part,
      );
      if (last === 0 && given[0] !== parts[0]) return given[0];
      const between = watch.#guarded(() => watch.#graph()?.observeParts(given, site)) ?? given;
      const made = Reflect.apply(original, this, between);
      watch.#guarded(() => watch.#graph()?.stands(made, given[0], given[last]));
      return made;
    };
  }

  /** `readable.compose(part, options)` */
  extending(original: Method): Method {
    const watch = this;
    return function compose(this: stream.Readable, ...args) {
      const [part, ...rest] = args;
      const site = watch.#site();
      if (site === null) return Reflect.apply(original, this, args);
      const given = isBody(part) ? watch.#made(part, site, 1, watch.#streamOf) : part;
      const made = Reflect.apply(original, this, [given, ...rest]);
      watch.#guarded(() => watch.#graph()?.stands(made, null, given));
      return made;
    };
  }

  readonly #streamOf = (body: Method): unknown => Reflect.apply(this.#from, stream.Duplex, [body]);

  /** A stream of a function, which is one stage on both of its sides. */
  #made(body: Method, site: CallSite, index: number, make: (body: Method) => unknown): unknown {
    const part = this.#guarded(() => this.#graph()?.observeBody(body, index, site) ?? null);
    // Not within what is guarded: what the application threw is its own.
    const made = make(part?.observed ?? body);
    if (part !== null) this.#guarded(() => part.isOf(made as object));
    return made;
  }

  #site(): CallSite | null {
    return this.isAttached ? this.#guarded(() => this.#graph()?.site() ?? null) : null;
  }

  #guarded<Result>(act: () => Result): Result | null {
    try {
      return act();
    } catch {
      this.#recorder.lose("not-patched");
      return null;
    }
  }
}
