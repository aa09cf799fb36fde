import { Duplex, PassThrough, Readable, Stream, Transform, Writable } from "node:stream";

/** Names that say only that something is a stream, not which. */
const GENERIC_CLASSES = new Set(["Object", "Stream", "Readable", "Writable", "Duplex", "Transform", "PassThrough"]);
const GENERIC_FUNCTIONS = new Set(["anonymous", "read", "write", "writev", "transform", "flush", "final"]);
const OPTION_METHODS = ["_transform", "_writev", "_write", "_read"] as const;
/** What is left of a name by a minifier changes with each build, so that it names nothing. */
const MIN_LENGTH = 2;
/** A stage's whole definition has some 500 bytes. */
const MAX_LENGTH = 60;
/** More than an application has that makes none while it runs. */
const MOST_CLASSES = 1024;
const namesOfClasses = new Map<string, string>();
/** By file descriptor; the class behind it depends on where the shell points it: a terminal, a file or a pipe. */
const STANDARD_STREAMS = ["stdin", "stdout", "stderr"] as const;
/** From the most special to the most general. */
const KINDS = [
  [PassThrough, "pass-through"],
  [Transform, "transform"],
  [Duplex, "duplex"],
  [Readable, "readable"],
  [Writable, "writable"],
  [Stream, "stream"],
] as const;

/**
 * What a stream is called in the code that made it: its class (`class Decode extends Transform` is `decode`), or the
 * function that it was given (`new Transform({ transform: decode })`); null where the code gives it no name.
 */
export function nameOf(stream: object): string | null {
  const standard = standardName(stream);
  if (standard !== null) return standard;
  const className = constructorName(stream);
  if (!GENERIC_CLASSES.has(className)) {
    const name = nameOfClass(className);
    if (isName(name)) return name;
  }
  for (const method of OPTION_METHODS) {
    const descriptor = Object.getOwnPropertyDescriptor(stream, method);
    const name = typeof descriptor?.value === "function" ? nameOfFunction(descriptor.value) : null;
    if (name !== null && !GENERIC_FUNCTIONS.has(name)) return name;
  }
  return null;
}

/** A class has one name, and a stream of it may be made for each request. */
function nameOfClass(className: string): string {
  let name = namesOfClasses.get(className);
  if (name !== undefined) return name;
  name = kebabCase(className);
  if (namesOfClasses.size >= MOST_CLASSES) namesOfClasses.clear();
  namesOfClasses.set(className, name);
  return name;
}

/** What a function is called in the code; null where that says nothing. */
export function nameOfFunction({ name }: { readonly name?: unknown }): string | null {
  if (typeof name !== "string") return null;
  const plain = kebabCase(name.replace(/^(bound )+/, "").replace(/^_/, ""));
  return plain !== "anonymous" && isName(plain) ? plain : null;
}

/** Which of Node's classes a stream belongs to (`transform`, `readable`), for those without a name of their own. */
export function kindOf(stream: object): string {
  return KINDS.find(([kind]) => stream instanceof kind)?.[1] ?? "stream";
}

/**
 * `DecodeFlights`, `decodeFlights` and `decode_flights` are `decode-flights`; `GZip2JSON` is `g-zip2-json`. Space and
 * what cannot be printed become dashes, and long names are cut.
 */
export function kebabCase(name: string): string {
  const dashed = PRINTED_ASCII.test(name) ? dashedAscii(name) : dashedText(name);
  return dashed
    .replace(/^-+|-+$/g, "")
    .toLowerCase()
    .slice(0, MAX_LENGTH);
}

/** Most names are: a thread that never asks which letters of all scripts are capital need not learn it, which is dear. */
const PRINTED_ASCII = /^[ -~]*$/;

function dashedAscii(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1-$2")
    .replace(/[ _]+/g, "-");
}

function dashedText(name: string): string {
  return name
    .replace(/([\p{Ll}0-9])(\p{Lu})/gu, "$1-$2")
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1-$2")
    .replace(/[\s_\p{C}]+/gu, "-");
}

function isName(name: string): boolean {
  return name.length >= MIN_LENGTH;
}

function standardName(stream: object): string | null {
  const fd: unknown = Object.getOwnPropertyDescriptor(stream, "fd")?.value;
  return typeof fd === "number" ? (STANDARD_STREAMS[fd] ?? null) : null;
}

function constructorName(stream: object): string {
  const name: unknown = stream.constructor?.name;
  return typeof name === "string" ? name : "";
}
