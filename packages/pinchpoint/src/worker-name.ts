/** Node's own name for a worker that was given none. */
const NAMELESS = new Set(["", "WorkerThread"]);

/** What a worker thread is called in a recording: unique in its process. */
export function workerName(title: string, workerId: number): string {
  return `${NAMELESS.has(title) ? "worker" : title} ${workerId}`;
}
