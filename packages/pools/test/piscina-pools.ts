import type { EventEmitter } from "node:events";
import { fileURLToPath } from "node:url";
import type { Attachment, Recorder } from "@pinchpoint/probe";
import { Piscina } from "piscina";
import { afterEach } from "vitest";
import { instrumentPiscina } from "../src/piscina.ts";

export const FILE = "gated-task.js";
export const filename = fileURLToPath(new URL(`fixtures/${FILE}`, import.meta.url));
export const otherFile = new URL("fixtures/other-task.js", import.meta.url).href;

export const attachments: Attachment[] = [];
export const pools: Piscina[] = [];
afterEach(async () => {
  for (const attachment of attachments.splice(0).reverse()) attachment.detach();
  await Promise.all(pools.splice(0).map((pool) => pool.destroy()));
});

export function attach(recorder: Recorder): Attachment {
  const attachment = instrumentPiscina(recorder, Piscina, { pipeline: "app" });
  attachments.push(attachment);
  return attachment;
}

export function newPool(threads: number, options: ConstructorParameters<typeof Piscina>[0] = {}): Piscina {
  const pool = new Piscina({ filename, minThreads: threads, maxThreads: threads, ...options });
  pools.push(pool);
  return pool;
}

export const listenersOf = (emitter: EventEmitter): readonly unknown[] =>
  emitter.eventNames().map((name) => [name, emitter.listenerCount(name)]);

export const outcome = (promise: Promise<unknown>): Promise<{ value?: unknown; error?: unknown }> =>
  promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
