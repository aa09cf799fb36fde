import { isIterable } from "./iterators.ts";

/** As Node's `pipeline` tells streams: by what they have, since not all of them extend its own classes. */
export function isNodeStream(part: unknown): part is object {
  if (typeof part !== "object" || part === null) return false;
  const has = (key: string) => typeof Reflect.get(part, key) === "function";
  const isOwnKind = Boolean(Reflect.get(part, "_readableState") ?? Reflect.get(part, "_writableState"));
  return isOwnKind || (has("on") && (has("pipe") || has("write")));
}

/** A request or a response of node:http or node:http2, as it is written: it has `write`, but no `_write` of a Writable. */
export function isHttpMessage(part: object): boolean {
  return ["setHeader", "write"].every((key) => typeof Reflect.get(part, key) === "function") && !("_write" in part);
}

/** They are iterable too, but Node pipes them in ways of its own. */
function isWebStream(part: object): boolean {
  return ["getReader", "getWriter"].some((key) => typeof Reflect.get(part, key) === "function") || "readable" in part;
}

/** What can be the first of a pipeline without being a stream or a function. */
export function isPlainIterable(part: unknown): part is object {
  return isIterable(part) && !isNodeStream(part) && !isWebStream(part);
}

/** As Node tells them from a part: an object that nothing can be read from or written to. */
export function isOptions(last: unknown): boolean {
  return typeof last === "object" && last !== null && !isNodeStream(last) && !isIterable(last) && !isWebStream(last);
}
