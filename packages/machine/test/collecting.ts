// A program for a test: a worker thread collects garbage, the main thread says what it sees of it.
import { setTimeout as sleep } from "node:timers/promises";
import { isMainThread, threadId, Worker, workerData } from "node:worker_threads";
import { watchGc } from "../src/gc.ts";
import { BoardSlot, heapOf, newBoard } from "../src/thread-board.ts";

const slotOf = (workerId: number): number => Math.min(workerId, 1);
const board: ArrayBufferLike = isMainThread ? newBoard(2) : workerData;
watchGc({ slot: BoardSlot.claim(board, slotOf(threadId), threadId) as BoardSlot, limitBytes: null });
const sweeps = (workerId: number): number =>
  heapOf(board, slotOf(workerId), workerId)?.collections[1]?.counts.reduce((sum, count) => sum + count, 0) ?? 0;
if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { workerData: board });
  const { threadId: workerId } = worker;
  worker.on("exit", () => {
    const hasHeap = (heapOf(board, slotOf(workerId), workerId)?.heapBytes ?? 0) > 0;
    console.log(`worker ${sweeps(workerId) > 0}, main ${sweeps(0) > 0}, heap ${hasHeap}`);
  });
} else {
  (globalThis as unknown as { gc(): void }).gc();
  // V8 tells it in a later turn of the loop.
  while (sweeps(threadId) === 0) await sleep(1);
}
