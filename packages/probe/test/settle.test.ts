import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { runSettled, settle } from "../src/settle.ts";

type Call = readonly [isOk: boolean, result: unknown];

function watched<T>(work: () => T) {
  const calls: Call[] = [];
  const run = () => runSettled(work, (isOk, result) => calls.push([isOk, result]));
  return { calls, run };
}

class Task<T> extends Promise<T> {
  cancel(): string {
    return "cancelled";
  }
}

test("what is returned at once comes back at once", () => {
  const result = { some: "thing" };
  const { calls, run } = watched(() => result);
  expect(run()).toBe(result);
  expect(calls).toEqual([[true, result]]);
});

test("what is thrown comes back as the same object", () => {
  const error = new Error("mine");
  const { calls, run } = watched(() => {
    throw error;
  });
  expect(run).toThrow(error);
  expect(calls).toEqual([[false, undefined]]);
});

test("a promise comes back as its derived promise, with the same result", async () => {
  const result = { some: "thing" };
  const promise = Promise.resolve(result);
  const { calls, run } = watched(() => promise);
  const returned = run();
  expect(calls).toEqual([]);
  expect(returned).not.toBe(promise);
  expect(await returned).toBe(result);
  expect(calls).toEqual([[true, result]]);
});

test("a rejection comes back as the same object", async () => {
  const error = new Error("mine");
  const { calls, run } = watched(() => Promise.reject(error));
  await expect(run()).rejects.toBe(error);
  expect(calls).toEqual([[false, error]]);
});

test("a promise of a subclass stays one of its kind", async () => {
  const { calls, run } = watched(() => Task.resolve(5) as Task<number>);
  const returned = run();
  expect(returned).toBeInstanceOf(Task);
  expect(returned.cancel()).toBe("cancelled");
  expect(await returned).toBe(5);
  expect(calls).toEqual([[true, 5]]);
});

test("what the application hung on its promise is found on the one that it gets", async () => {
  const cancel = () => "cancelled";
  const { run } = watched(() => Object.assign(Promise.resolve(5), { cancel }));
  const returned = run();
  expect(returned.cancel).toBe(cancel);
  expect(await returned).toBe(5);
});

/** Things that are not to be touched: whether `then` was called on them is for the application alone. */
function strangers(): [name: string, make: (onThen: () => void) => object][] {
  return [
    [
      "a thenable",
      (onThen) => ({
        // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
        then: onThen,
      }),
    ],
    [
      "a promise with a `then` of its own, which starts its work",
      (onThen) =>
        Object.assign(Promise.resolve(1), {
          // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
          then: onThen,
        }),
    ],
    [
      "a lazy subclass",
      (onThen) => {
        class Lazy extends Promise<number> {
          // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
          override then(): never {
            onThen();
            throw new Error("began twice");
          }
        }
        return new Lazy((resolve) => resolve(1));
      },
    ],
    [
      "an object that only inherits from Promise",
      (onThen) =>
        Object.create(Promise.prototype, {
          // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
          then: { value: onThen },
        }) as object,
    ],
    [
      "a promise that reads with an error",
      (onThen) =>
        // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
        Object.defineProperty(Promise.resolve(1), "then", {
          get: () => {
            throw new Error("not for you");
          },
          set: onThen,
        }),
    ],
    [
      "a promise whose class does not let itself be derived",
      () => {
        class Sealed extends Promise<number> {
          static isSealed = false;
          constructor(executor: ConstructorParameters<typeof Promise<number>>[0]) {
            if (Sealed.isSealed) throw new Error("no more of these");
            super(executor);
          }
        }
        const promise = new Sealed((resolve) => resolve(1));
        Sealed.isSealed = true;
        return promise;
      },
    ],
    ["a promise of another realm", () => runInNewContext("Promise.resolve(1)") as object],
    [
      "a revoked proxy",
      () => {
        const { proxy, revoke } = Proxy.revocable(Promise.resolve(1), {});
        revoke();
        return proxy;
      },
    ],
  ];
}

test.each(strangers())("%s comes back itself, settled at once, and its `then` is not called", (_, make) => {
  let thens = 0;
  const stranger = make(() => {
    thens += 1;
  });
  const calls: boolean[] = [];
  const returned = settle(stranger, (isOk) => calls.push(isOk));
  expect(returned === stranger).toBe(true);
  expect(calls).toEqual([true]);
  expect(thens).toBe(0);
});

test("the application still hears of a rejection that it does not handle", async () => {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const module = JSON.stringify(new URL("../src/settle.ts", import.meta.url).href);
  const program = `
    import { runSettled } from ${module};
    process.on("unhandledRejection", (error) => console.log("unhandled", error.message));
    runSettled(() => Promise.reject(new Error("mine")), () => {});
    runSettled(() => Promise.reject(new Error("handled")), () => {}).catch(() => {});
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], { env });
  expect(stdout).toBe("unhandled mine\n");
});
