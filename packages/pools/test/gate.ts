/** What a worker waits at until the test lets it go on: one Int32 that is 0 while it is closed. */
export type Gate = Int32Array<SharedArrayBuffer>;

export function closedGate(): Gate {
  return new Int32Array(new SharedArrayBuffer(4));
}

export function openGate(gate: Gate): void {
  Atomics.store(gate, 0, 1);
  Atomics.notify(gate, 0);
}
