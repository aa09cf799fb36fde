import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { coresAvailable } from "../src/cores.ts";
import { ownOsThreadId, ProcessTimes, threadTimes } from "../src/cpu.ts";

/**
 * A program: as many threads as its first argument says begin together and spin until each has had its second
 * argument's milliseconds of CPU. The main thread reads what the system says of them while they still live.
 */
if (isMainThread) {
  const [threadCount, cpuMs] = process.argv.slice(2).map(Number) as [number, number];
  const gate = new Int32Array(new SharedArrayBuffer(8));
  const before = new ProcessTimes().read();
  const workers = Array.from(
    { length: threadCount },
    () => new Worker(new URL(import.meta.url), { workerData: { gate, threadCount, cpuMs } }),
  );
  const ids = await Promise.all(
    workers.map((worker) => new Promise<number>((resolve) => worker.once("message", resolve))),
  );
  const threads = ids.map((id) => threadTimes(id));
  const after = new ProcessTimes().read();
  process.stdout.write(JSON.stringify({ ids, threads, before, after, cores: coresAvailable() }));
  for (const worker of workers) worker.postMessage("end");
} else {
  const { gate, threadCount, cpuMs } = workerData as { gate: Int32Array; threadCount: number; cpuMs: number };
  if (Atomics.add(gate, 0, 1) + 1 === threadCount) {
    Atomics.store(gate, 1, 1);
    Atomics.notify(gate, 1);
  } else Atomics.wait(gate, 1, 0);
  const start = process.threadCpuUsage();
  for (let usedMs = 0; usedMs < cpuMs; ) {
    const { user, system } = process.threadCpuUsage(start);
    usedMs = (user + system) / 1000;
  }
  parentPort?.once("message", () => {});
  parentPort?.postMessage(ownOsThreadId());
}
