import { expect, test } from "vitest";
import { InOrder } from "../src/in-order.ts";

/** Pieces of work that end when the test says so, and what became of them. */
function bench() {
  const handedOn: string[] = [];
  const failures: string[] = [];
  const inOrder = new InOrder<string>(
    (result) => handedOn.push(result),
    (error) => failures.push(error.message),
  );
  const add = () => {
    const work = Promise.withResolvers<string>();
    inOrder.add(work.promise);
    return work;
  };
  return { inOrder, add, handedOn, failures };
}

/** Lets everything that follows from settled promises happen. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("results are handed on in the order of their work, in whatever order it ends", async () => {
  const { add, handedOn } = bench();
  const [one, two, three] = [add(), add(), add()];
  three.resolve("three");
  await settled();
  expect(handedOn).toEqual([]);
  one.resolve("one");
  await settled();
  expect(handedOn).toEqual(["one"]);
  two.resolve("two");
  await settled();
  expect(handedOn).toEqual(["one", "two", "three"]);
});

test("with room the caller is called back at once, without room when the oldest result has gone", async () => {
  const { inOrder, add, handedOn } = bench();
  const calls: string[] = [];
  const one = add();
  inOrder.whenFewerThan(2, () => calls.push("at once"));
  expect(calls).toEqual(["at once"]);
  const two = add();
  inOrder.whenFewerThan(2, () => calls.push(`after ${handedOn}`));
  two.resolve("two");
  await settled();
  expect(calls).toEqual(["at once"]);
  one.resolve("one");
  await settled();
  expect(calls).toEqual(["at once", "after one,two"]);
});

test("with nothing to hand on, fewer than one are left at once", () => {
  let calls = 0;
  bench().inOrder.whenFewerThan(1, () => {
    calls += 1;
  });
  expect(calls).toBe(1);
});

test("the first error is told once; after it nothing is handed on and nobody called back", async () => {
  const { inOrder, add, handedOn, failures } = bench();
  const [one, two, three] = [add(), add(), add()];
  inOrder.whenFewerThan(1, () => handedOn.push("called back"));
  two.reject(new Error("two broke"));
  three.reject(new Error("three broke"));
  one.resolve("one");
  await settled();
  expect(failures).toEqual(["two broke"]);
  expect(handedOn).toEqual([]);
});
