/** Of Node's own classes whose work the system or Node's threads do: where the method is, by the name of the class that has it. */
const NATIVE_CLASSES: ReadonlyMap<unknown, readonly [module: string, name: string]> = new Map([
  ["ReadStream", ["node:fs", "ReadStream"]],
  ["WriteStream", ["node:fs", "WriteStream"]],
  ["Socket", ["node:net", "Socket"]],
  ["IncomingMessage", ["node:http", "IncomingMessage"]],
  ["ZlibBase", ["node:zlib", "Gzip"]],
]);

/**
 * Whether a stream works by Node's own method, which leaves the work to the system or to other threads: a file, a socket,
 * zlib. To be asked before the method is replaced.
 *
 * @param method - by which it works, such as `_read`
 */
export function isNative(stream: object, method: string): boolean {
  const owner = ownerOf(stream, method);
  const [module = "", name = ""] = NATIVE_CLASSES.get(owner?.constructor?.name) ?? [];
  if (owner === null || module === "") return false;
  const native: unknown = Reflect.get(process.getBuiltinModule(module) ?? {}, name);
  if (typeof native !== "function") return false;
  // The class may be a subclass of it that somebody has put into the module's place.
  return owner === native.prototype || Object.prototype.isPrototypeOf.call(owner, native.prototype);
}

/** The prototype that has the method; null where the stream has it itself, or nothing has. */
function ownerOf(stream: object, method: string): object | null {
  let owner: object | null = stream;
  while (owner !== null && !Object.hasOwn(owner, method)) owner = Object.getPrototypeOf(owner);
  return owner === stream ? null : owner;
}
