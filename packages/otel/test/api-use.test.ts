import * as api from "@opentelemetry/api";
import { afterEach, expect, test } from "vitest";
import { type ApiCopy, ApiUse, type FirstAnswer } from "../src/api-use.ts";

const KEY = Symbol.for("opentelemetry.js.api.1");

afterEach(() => Reflect.deleteProperty(globalThis, KEY));

const manager = (said: unknown) => ({ active: () => said }) as unknown as api.ContextManager;

test("the first question of a copy of the API finds that copy and is answered; nobody else's is", () => {
  const found: ApiCopy[] = [];
  const answer: FirstAnswer = { trace: undefined, context: manager("ours") };
  const use = new ApiUse(
    (copy) => {
      found.push(copy);
      return answer;
    },
    () => expect.fail("failed"),
  );
  expect(Reflect.get(globalThis, KEY)).toBeUndefined();
  expect(Object.getOwnPropertyDescriptor(globalThis, KEY)?.enumerable).toBe(false);
  expect(api.context.active()).toBe("ours");
  expect(found.map(({ trace }) => trace)).toEqual([api.trace]);
  // Whoever goes on asking asks what was made of it.
  expect(api.context.active()).toBe(api.ROOT_CONTEXT);
  expect(found).toHaveLength(1);
  expect(use.isRegistered).toBe(false);
});

test("what is registered is where it would be, and counts where it is for traces or contexts", () => {
  const use = new ApiUse(
    () => expect.fail("asked"),
    () => expect.fail("failed"),
  );
  api.propagation.setGlobalPropagator({ inject() {}, extract: (context) => context, fields: () => [] });
  expect(use.isRegistered).toBe(false);
  api.context.setGlobalContextManager(manager("own"));
  expect(use.isRegistered).toBe(true);
  const value = Reflect.get(globalThis, KEY);
  expect(Object.getOwnPropertyDescriptor(globalThis, KEY)).toEqual({
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
});

test("who asks is not looked up for ever, and where something is registered already nothing is touched", () => {
  new ApiUse(
    () => expect.fail("asked"),
    () => expect.fail("failed"),
  );
  for (let count = 0; count <= 64; count++) Reflect.get(globalThis, KEY);
  expect(Reflect.has(globalThis, KEY)).toBe(false);
  Reflect.set(globalThis, KEY, { version: "1.10.0" });
  const before = Object.getOwnPropertyDescriptor(globalThis, KEY);
  new ApiUse(
    () => expect.fail("asked"),
    () => expect.fail("failed"),
  );
  expect(Object.getOwnPropertyDescriptor(globalThis, KEY)).toEqual(before);
});
