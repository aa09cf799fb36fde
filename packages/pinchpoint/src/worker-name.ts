/** Node's own name for a worker that was given none. */
const NAMELESS = new Set(["", "WorkerThread"]);

/** What a worker thread is called in a recording: unique in its process. */
export function workerName(title: string, workerId: number): string {
  return `${NAMELESS.has(title) ? "worker" : title} ${workerId}`;
}

/** The `threadId` in a worker's name; null where there is none. */
export function workerIdOf(name: string): number | null {
  const id = / (\d+)$/.exec(name)?.[1];
  return id === undefined ? null : Number(id);
}
