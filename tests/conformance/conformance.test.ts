import { AsyncLocalStorage } from "node:async_hooks";
import { type Attachment, type Clock, Recorder } from "@pinchpoint/probe";
import { afterEach, describe, expect, test } from "vitest";
import type { Driver, Work } from "./driver.ts";
import { INTEGRATIONS } from "./integrations.ts";
import { changesSince, outsideOf, stateOf } from "./target-state.ts";

const ITEMS = [1, 2, 3, 4, 5, 6, 7];
const double: Work = (item) => item * 2;
const failure = new Error("bad item");
const throwing: Work = (item) => {
  if (item === 4) throw failure;
  return item;
};
const rejecting: Work = async (item) => {
  await new Promise((resolve) => setImmediate(resolve));
  return throwing(item);
};

/** Moves on by a quarter of a millisecond whenever it is read. */
function steppingClock(): Clock {
  let nowMs = 0;
  return {
    nowMs: () => {
      nowMs += 0.25;
      return nowMs;
    },
    idleMs: () => 0,
  };
}

function newRecorder(clock: Clock = steppingClock()): Recorder {
  return Recorder.forProcess(clock, { name: "main", osThreadId: null, workerId: 0 });
}

const open: Attachment[] = [];
afterEach(() => {
  for (const attachment of open.splice(0).reverse()) attachment.detach();
});

function attach(driver: Driver, recorder: Recorder = newRecorder()): { recorder: Recorder; attachment: Attachment } {
  const attachment = driver.attach(recorder);
  open.push(attachment);
  return { recorder, attachment };
}

/** What the application gets: a sight of the library, or an error. */
const outcome = (driver: Driver, work: Work): Promise<{ sight?: unknown; error?: unknown }> =>
  driver.run(ITEMS, work).then(
    (sight) => ({ sight }),
    (error: unknown) => ({ error }),
  );
const itemsOf = (recorder: Recorder): number => Math.max(0, ...recorder.snapshot().stageRows.map(({ items }) => items));

const brokenRecorders: readonly (readonly [string, () => Recorder])[] = [
  [
    "its clock throws",
    () => {
      const fails = () => {
        throw new Error("no clock");
      };
      return newRecorder({ nowMs: fails, idleMs: fails });
    },
  ],
  ["its clock tells nonsense", () => newRecorder({ nowMs: () => Number.NaN, idleMs: () => Number.NaN })],
  [
    "its clock steps back",
    () => {
      let nowMs = 1e6;
      return newRecorder({ nowMs: () => nowMs--, idleMs: () => -nowMs });
    },
  ],
  [
    "it has no room",
    () => {
      const recorder = newRecorder();
      for (let i = 0; i < 1000; i++) recorder.openStage({ pipeline: "other", name: `stage ${i}`, role: "stage" });
      return recorder;
    },
  ],
  [
    "whoever listens to it throws",
    () => {
      const recorder = newRecorder();
      recorder.onMoment(() => {
        throw new Error("no listener");
      });
      return recorder;
    },
  ],
];

describe.for(INTEGRATIONS.map((driver) => ({ driver, name: driver.name })))("$name", ({ driver }) => {
  test("return values, this and results are what they are bare", async () => {
    const bare = await driver.run(ITEMS, double);
    attach(driver);
    expect(await driver.run(ITEMS, double)).toEqual(bare);
  });

  test.for([
    ["throws", throwing],
    ["rejects", rejecting],
  ] as const)("when the application's function %s, the application gets that very error", async ([, work]) => {
    expect((await outcome(driver, work)).error).toBe(failure);
    attach(driver);
    expect((await outcome(driver, work)).error).toBe(failure);
  });

  test("what it changes looks the same from outside", () => {
    const bare = outsideOf(driver.targets);
    const before = stateOf(driver.targets);
    attach(driver);
    expect(changesSince(before, driver.targets)).not.toEqual([]);
    expect(outsideOf(driver.targets)).toEqual(bare);
  });

  test("the application's function runs in the context that it has bare", async () => {
    const context = new AsyncLocalStorage<string>();
    const contextsSeen = async (): Promise<readonly unknown[]> => {
      const seen: unknown[] = [];
      const look: Work = (item) => {
        seen.push(context.getStore());
        return item;
      };
      await context.run("request", () => driver.run(ITEMS, look));
      return seen;
    };
    const bare = await contextsSeen();
    attach(driver);
    expect(await contextsSeen()).toEqual(bare);
    expect(bare).toHaveLength(ITEMS.length);
  });

  test("something is in fact recorded, in known states", async () => {
    const { recorder } = attach(driver);
    await driver.run(ITEMS, double);
    expect(itemsOf(recorder)).toBe(ITEMS.length);
    const { stageRows, losses } = recorder.snapshot();
    expect(losses).toEqual({});
    expect(stageRows.flatMap(({ stateSeconds }) => stateSeconds).some((seconds) => seconds > 0)).toBe(true);
  });

  test.for([
    ["all goes well", double],
    ["the application's function throws", throwing],
    ["the application's function rejects", rejecting],
  ] as const)("each arrival has one end when %s", async ([, work]) => {
    const { recorder } = attach(driver);
    await outcome(driver, work);
    await new Promise((resolve) => setImmediate(resolve));
    const rows = recorder.snapshot().stageRows;
    expect(rows.map(({ arrived }) => arrived)).toEqual(
      rows.map(({ items, errors, dropped }) => items + errors + dropped),
    );
    expect(rows.some(({ arrived }) => arrived > 0)).toBe(true);
    expect(rows.some(({ errors }) => errors > 0)).toBe(work !== double);
  });

  test("attaching twice is attaching once", async () => {
    const { recorder, attachment } = attach(driver);
    const once = stateOf(driver.targets);
    expect(driver.attach(recorder)).toBe(attachment);
    expect(changesSince(once, driver.targets)).toEqual([]);
    await driver.run(ITEMS, double);
    expect(itemsOf(recorder)).toBe(ITEMS.length);
  });

  test("two recorders each record everything", async () => {
    const both = [attach(driver), attach(driver)];
    await driver.run(ITEMS, double);
    expect(both.map(({ recorder }) => itemsOf(recorder))).toEqual([ITEMS.length, ITEMS.length]);
  });

  test("detaching restores, and nothing is recorded any more", async () => {
    const before = stateOf(driver.targets);
    const { recorder, attachment } = attach(driver);
    attachment.detach();
    expect(changesSince(before, driver.targets)).toEqual([]);
    await driver.run(ITEMS, double);
    expect(itemsOf(recorder)).toBe(0);
    attachment.detach();
    expect(changesSince(before, driver.targets)).toEqual([]);
  });

  test("it can be attached again", async () => {
    const recorder = newRecorder();
    attach(driver, recorder).attachment.detach();
    attach(driver, recorder);
    await driver.run(ITEMS, double);
    expect(itemsOf(recorder)).toBe(ITEMS.length);
  });

  test.for(["before", "after"] as const)("someone else's patch, made %s ours, goes on working", async (order) => {
    const before = stateOf(driver.targets);
    const probing = attach(driver);
    const changes = changesSince(before, driver.targets);
    let calls = 0;
    const patch = () => {
      for (const { target, key } of changes) {
        const original: unknown = Reflect.get(target, key);
        if (typeof original !== "function") continue;
        Reflect.set(target, key, function (this: unknown, ...args: unknown[]) {
          calls += 1;
          return Reflect.apply(original, this, args);
        });
      }
    };
    try {
      if (order === "before") probing.attachment.detach();
      patch();
      const { recorder, attachment } = order === "before" ? attach(driver) : probing;
      await driver.run(ITEMS, double);
      expect(itemsOf(recorder)).toBe(ITEMS.length);
      expect(calls).toBeGreaterThan(0);
      calls = 0;
      attachment.detach();
      await driver.run(ITEMS, double);
      expect(calls).toBeGreaterThan(0);
      expect(itemsOf(recorder)).toBe(ITEMS.length);
    } finally {
      for (const [i, properties] of before.entries()) {
        for (const [key, descriptor] of properties) {
          if (descriptor.configurable) Object.defineProperty(driver.targets[i] as object, key, descriptor);
        }
      }
    }
  });

  test.for(brokenRecorders)("a recorder is invisible when %s", async ([, broken]) => {
    const bare = await outcome(driver, double);
    attach(driver, broken());
    expect(await outcome(driver, double)).toEqual(bare);
    expect((await outcome(driver, throwing)).error).toBe(failure);
  });
});
