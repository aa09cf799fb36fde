import { expect, test } from "vitest";
import { attachOnce, type Integration } from "../src/integration.ts";
import { HandClock, mainRecorder } from "./hand-clock.ts";

interface Greeter {
  greet: () => string;
}

/** Counts how often it is around the greeting. */
const shout: Integration<Greeter> = {
  name: "shout",
  attach: (target) => {
    const { greet } = target;
    target.greet = () => `${greet()}!`;
    return {
      detach: () => {
        target.greet = greet;
      },
    };
  },
};

test("attaching twice is attaching once, and detaching restores", () => {
  const recorder = mainRecorder(new HandClock());
  const greet = () => "hello";
  const target: Greeter = { greet };
  const attachment = attachOnce(shout, target, recorder);
  expect(attachOnce({ ...shout }, target, recorder)).toBe(attachment);
  expect(target.greet()).toBe("hello!");
  attachment.detach();
  expect(target.greet).toBe(greet);
});

test("what was detached can be attached again, and an old attachment does not undo a new one", () => {
  const recorder = mainRecorder(new HandClock());
  const target: Greeter = { greet: () => "hello" };
  const first = attachOnce(shout, target, recorder);
  first.detach();
  const second = attachOnce(shout, target, recorder);
  first.detach();
  expect(target.greet()).toBe("hello!");
  second.detach();
  second.detach();
  expect(target.greet()).toBe("hello");
});

test("other targets and other recorders are attached by themselves", () => {
  const recorder = mainRecorder(new HandClock());
  const targets: Greeter[] = [{ greet: () => "hello" }, { greet: () => "moin" }];
  for (const target of targets) attachOnce(shout, target, recorder);
  attachOnce(shout, targets[0] as Greeter, mainRecorder(new HandClock()));
  expect(targets.map((target) => target.greet())).toEqual(["hello!!", "moin!"]);
});

test("an integration that fails leaves the application as it was, and is counted", () => {
  const recorder = mainRecorder(new HandClock());
  const target: Greeter = Object.freeze({ greet: () => "hello" });
  const attachment = attachOnce(shout, target, recorder);
  attachment.detach();
  expect(target.greet()).toBe("hello");
  expect(recorder.snapshot().losses).toEqual({ "not-patched": 1 });
});
