import { syncBuiltinESMExports } from "node:module";
import stream from "node:stream";
import streamPromises from "node:stream/promises";
import { type AnyRecorder, type Method, type MethodReplacement, replaceMethods } from "@pinchpoint/probe/attach";
import { isNodeStream, isOptions } from "./pipeline-part.ts";
import type { StreamGraph } from "./stream-graph.ts";

/**
 * Replaces both forms of `pipeline`, because functions and iterables are joined there without `pipe`.
 *
 * @param graph - asked for where functions or iterables are joined; null where there can be none
 * @returns restores them
 */
export function watchPipelineCalls(graph: () => StreamGraph | null, recorder: AnyRecorder): () => void {
  let isAttached = true;
  const watching =
    (hasCallback: boolean) =>
    (original: Method): Method => {
      const pipeline: Method = function (...args) {
        return Reflect.apply(original, this, isAttached ? observed(graph, recorder, args, hasCallback) : args);
      };
      // `promisify` knows it by a property.
      for (const key of Object.getOwnPropertySymbols(original)) {
        Object.defineProperty(pipeline, key, Object.getOwnPropertyDescriptor(original, key) as PropertyDescriptor);
      }
      return pipeline;
    };
  const replacements: readonly MethodReplacement[] = [
    [stream, "pipeline", watching(true)],
    [streamPromises, "pipeline", watching(false)],
  ];
  const restore = replaceMethods(replacements);
  syncBuiltinESMExports();
  return () => {
    isAttached = false;
    restore();
    syncBuiltinESMExports();
  };
}

function observed(
  graph: () => StreamGraph | null,
  recorder: AnyRecorder,
  args: readonly unknown[],
  hasCallback: boolean,
): unknown[] {
  try {
    const end = args.length - (hasCallback || isOptions(args.at(-1)) ? 1 : 0);
    const [first] = args;
    const isList = end === 1 && Array.isArray(first);
    const parts: readonly unknown[] = isList ? first : args.slice(0, end);
    // Streams alone are joined by `pipe`, which is watched elsewhere.
    if (parts.length < 2 || parts.every(isNodeStream)) return [...args];
    const known = graph();
    const site = known?.site() ?? null;
    if (known === null || site === null) return [...args];
    const standing = known.observeParts(parts, site);
    return [...(isList ? [standing] : standing), ...args.slice(end)];
  } catch {
    recorder.lose("not-patched");
    return [...args];
  }
}
