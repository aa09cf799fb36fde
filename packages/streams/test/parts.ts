import { Writable, type WritableOptions } from "node:stream";
import type { VirtualTime } from "./virtual-time.ts";

/** A sink that takes its time for each chunk, as something else's work. */
export function slowSink(time: VirtualTime, costMs: number, options: WritableOptions = {}): Writable {
  return new Writable({
    objectMode: true,
    highWaterMark: 1,
    write: (_chunk, _encoding, callback) => {
      time.wait(costMs).then(() => callback());
    },
    ...options,
  });
}

/** A sink that has done each chunk at once; or after `spinMs` of holding the thread. */
export function quickSink(time: VirtualTime, spinMs = 0, options: WritableOptions = {}): Writable {
  return new Writable({
    objectMode: true,
    write: function store(_chunk, _encoding, callback) {
      time.spin(spinMs);
      callback();
    },
    ...options,
  });
}

/** A sink that never calls back. */
export function stuckSink(options: WritableOptions = {}): Writable {
  return new Writable({ objectMode: true, highWaterMark: 1, write: () => {}, ...options });
}
