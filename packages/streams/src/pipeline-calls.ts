import { syncBuiltinESMExports } from "node:module";
import stream from "node:stream";
import streamPromises from "node:stream/promises";
import { type Method, type MethodReplacement, type Recorder, replaceMethods } from "@pinchpoint/probe";
import { joinSite } from "./join-site.ts";
import { isNodeStream, isOptions } from "./pipeline-part.ts";
import type { StreamGraph } from "./stream-graph.ts";

/**
 * Replaces both forms of `pipeline`, because functions and iterables are joined there without `pipe`.
 *
 * @returns restores them
 */
export function watchPipelineCalls(graph: StreamGraph, recorder: Recorder): () => void {
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

function observed(graph: StreamGraph, recorder: Recorder, args: readonly unknown[], hasCallback: boolean): unknown[] {
  try {
    const end = args.length - (hasCallback || isOptions(args.at(-1)) ? 1 : 0);
    const [first] = args;
    const isList = end === 1 && Array.isArray(first);
    const parts: readonly unknown[] = isList ? first : args.slice(0, end);
    // Streams alone are joined by `pipe`, which is watched elsewhere.
    if (parts.length < 2 || parts.every(isNodeStream)) return [...args];
    const site = joinSite();
    if (site === null) return [...args];
    const standing = graph.observeParts(parts, site);
    return [...(isList ? [standing] : standing), ...args.slice(end)];
  } catch {
    recorder.lose("not-patched");
    return [...args];
  }
}
