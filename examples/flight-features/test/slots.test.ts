import { expect, test } from "vitest";
import { Slots } from "../src/slots.ts";

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("so many work at once; the others start in the order they came, one for each that ends", async () => {
  const slots = new Slots(2);
  const started: number[] = [];
  const works = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
  const held = works.map((work, index) =>
    slots.hold(() => {
      started.push(index);
      return work.promise;
    }),
  );
  await settled();
  expect(started).toEqual([0, 1]);
  works[1]?.resolve();
  await settled();
  expect(started).toEqual([0, 1, 2]);
  works[0]?.resolve();
  await settled();
  expect(started).toEqual([0, 1, 2, 3]);
  works[2]?.resolve();
  works[3]?.resolve();
  await Promise.all(held);
});

test("work that fails gives its slot back, and its error to who asked", async () => {
  const slots = new Slots(1);
  await expect(slots.hold(() => Promise.reject(new Error("broke")))).rejects.toThrow("broke");
  expect(await slots.hold(async () => "next")).toBe("next");
});
