import type { Readable } from "node:stream";

/** What Node keeps of a readable side. Its fields are not documented, so that each may be missing. */
interface ReadableState {
  readonly reading?: boolean;
  readonly sync?: boolean;
  readonly constructed?: boolean;
}

/**
 * Whether `push` would give a chunk to the consumer before it returns, as it does where the stream flows and holds
 * nothing back (`addChunk` in Node's lib/internal/streams/readable.js): then what passes within it is not the pusher's.
 */
export function handsOverAtOnce(stream: Readable): boolean {
  return stream.readableFlowing === true && stream.readableLength === 0 && stateOf(stream).sync !== true;
}

/** Whether the stream was asked for a chunk and has not pushed it, or is still being opened in order to be asked. */
export function isAskedForMore(stream: Readable): boolean {
  const { reading, constructed } = stateOf(stream);
  return reading === true || constructed === false;
}

function stateOf(stream: Readable): ReadableState {
  const state: unknown = Reflect.get(stream, "_readableState");
  return typeof state === "object" && state !== null ? state : {};
}
