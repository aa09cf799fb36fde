import { expect, test } from "vitest";
import { CARRIED, TracedMessages } from "../src/traced-messages.ts";

/** A worker's port, as Piscina uses it. */
function newPort() {
  const posted: unknown[][] = [];
  return { posted, postMessage: (...args: unknown[]) => posted.push(args) };
}

test("what is posted within carries a trace beside it, and is not changed itself", () => {
  const messages = new TracedMessages();
  const port = newPort();
  const { postMessage } = port;
  messages.watch(port);
  messages.watch(port);
  expect([port.postMessage.name, port.postMessage.length]).toEqual([postMessage.name, postMessage.length]);
  const message = Object.freeze({ taskId: 1, task: {} });
  const transfer: unknown[] = [];
  expect(messages.with("trace", () => port.postMessage(message, transfer), null, [])).toBe(1);
  const [posted, transferred] = port.posted[0] ?? [];
  expect(posted).toEqual({ ...message, [CARRIED]: "trace" });
  expect((posted as typeof message).task).toBe(message.task);
  expect(transferred).toBe(transfer);
});

test.each([
  ["what is no task", { ping: 1 }],
  ["null", null],
  ["text", "taskId"],
])("%s is posted as it is", (_, message) => {
  const messages = new TracedMessages();
  const port = newPort();
  messages.watch(port);
  messages.with("trace", () => port.postMessage(message), null, []);
  expect(port.posted[0]?.[0]).toBe(message);
});

test("outside of it, after it has thrown too, a task is posted as it is", () => {
  const messages = new TracedMessages();
  const port = newPort();
  const message = { taskId: 1 };
  messages.watch(port);
  port.postMessage(message);
  const fail = () => {
    throw new Error("could not be cloned");
  };
  expect(() => messages.with("trace", fail, null, [])).toThrow("could not be cloned");
  port.postMessage(message);
  expect(port.posted.map(([one]) => one)).toEqual([message, message]);
  for (const one of port.posted) expect(one[0]).toBe(message);
});

test("where there is no port, nothing is watched", () => {
  const messages = new TracedMessages();
  for (const port of [undefined, null, 7]) expect(() => messages.watch(port)).not.toThrow();
});
