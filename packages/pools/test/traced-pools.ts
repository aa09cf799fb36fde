import { fileURLToPath } from "node:url";
import { MessagePort } from "node:worker_threads";
import type { Recorder } from "@pinchpoint/probe";
import type { Piscina } from "piscina";
import { newPool } from "./piscina-pools.ts";

export const TRACED_FILE = "traced-task.js";

const PRELOAD = new URL("fixtures/tracing-preload.ts", import.meta.url).href;
const TASK = fileURLToPath(new URL("fixtures/traced-task.js", import.meta.url));

/** A pool whose workers keep spans for this process, as Pinchpoint's preload makes them. */
export function newTracedPool(
  recorder: Recorder,
  threads: number,
  options: ConstructorParameters<typeof Piscina>[0] = {},
): Piscina {
  const execArgv = ["--import", PRELOAD];
  return newPool(threads, { filename: TASK, execArgv, workerData: { share: recorder.share }, ...options });
}

/** What is posted to workers within `run`, by each message's task; the messages are left as they are. */
export async function posted(run: () => Promise<unknown>): Promise<readonly Record<string, unknown>[]> {
  const messages: Record<string, unknown>[] = [];
  const { prototype } = MessagePort;
  const bare = Object.getOwnPropertyDescriptor(prototype, "postMessage") as PropertyDescriptor;
  prototype.postMessage = function postMessage(...args: unknown[]) {
    const message = args[0];
    if (typeof message === "object" && message !== null && "taskId" in message) messages.push({ ...message });
    return Reflect.apply(bare.value, this, args);
  };
  try {
    await run();
  } finally {
    Object.defineProperty(prototype, "postMessage", bare);
  }
  return messages;
}
