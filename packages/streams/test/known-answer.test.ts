import { describe, expect, test } from "vitest";
import { answer, CASES, distance, PARTS, run } from "./known-answer.ts";
import { VirtualTime } from "./virtual-time.ts";

const ITEMS = 300;

describe.for(CASES)("$mode work with a slow $slow", (one) => {
  test("is found in the right shares, within 3 points", async () => {
    const costMs = (part: string) => (part === one.slow ? 8 : 1);
    const itemMs = one.mode === "sync" ? 10 : 8;
    const worked = { source: 0, middle: 0, sink: 0 };
    for (const part of PARTS) worked[part] = (100 * costMs(part)) / itemMs;
    const outcome = await run(one, ITEMS, new VirtualTime());
    expect(distance(outcome.recorded, answer(one, worked))).toBeLessThan(3);
    // What the parts saw of themselves needs no forgiving for warm-up, but for the one item that each is in the midst of.
    const own = PARTS.map((part) => Math.abs((outcome.recorded[part].self ?? 0) - outcome.worked[part]));
    expect(Math.max(...own)).toBeLessThan(100 / ITEMS);
  });
});
