import { expect, test } from "vitest";
import { BoundedQueue } from "../src/bounded-queue.ts";

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function allOf<Item>(queue: BoundedQueue<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of queue) items.push(item);
  return items;
}

test("items come in the order in which they were put, and it ends after the last", async () => {
  const queue = new BoundedQueue<number>(10);
  for (const item of [1, 2, 3]) await queue.put(item);
  queue.end();
  expect(await allOf(queue)).toEqual([1, 2, 3]);
});

test("a full queue lets the producer wait until something was taken", async () => {
  const queue = new BoundedQueue<number>(2);
  await queue.put(1);
  await queue.put(2);
  let hasRoom = false;
  const put = queue.put(3).then(() => {
    hasRoom = true;
  });
  await settled();
  expect(hasRoom).toBe(false);
  const items = queue[Symbol.asyncIterator]();
  expect(await items.next()).toEqual({ done: false, value: 1 });
  await put;
  expect(hasRoom).toBe(true);
});

test("the consumer waits for what comes, and for the end", async () => {
  const queue = new BoundedQueue<string>(1);
  const taken = allOf(queue);
  await settled();
  await queue.put("late");
  await settled();
  queue.end();
  expect(await taken).toEqual(["late"]);
});
