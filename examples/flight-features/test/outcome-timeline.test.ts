import { expect, test } from "vitest";
import { OutcomeTimeline } from "../src/outcome-timeline.ts";

const outcome = { originId: 1, destinationId: 2, routeId: 3, delayMinutes: 4 };

test("each reader sees an outcome once, at its own distance behind the clock", () => {
  const timeline = new OutcomeTimeline(10, 5);
  const seen: string[] = [];
  let now = 0;
  timeline.follow(0, () => seen.push(`known at ${now}`));
  timeline.follow(5, () => seen.push(`left at ${now}`));
  timeline.advanceTo(now);
  timeline.add(3, outcome);
  for (now = 1; now <= 40; now++) timeline.advanceTo(now);
  expect(seen).toEqual(["known at 3", "left at 8"]);
});

test.each([0, -1, 11, Number.NaN])(
  "an outcome %s minutes from now is refused, because a reader would miss it",
  (ahead) => {
    const timeline = new OutcomeTimeline(10, 5);
    timeline.advanceTo(100);
    expect(() => timeline.add(100 + ahead, outcome)).toThrow(RangeError);
  },
);
