import { expect, test } from "vitest";
import { durationMsOf } from "../src/duration.ts";

test.each([
  ["1ms", 1],
  ["20s", 20_000],
  ["1.5m", 90_000],
  ["2h", 7_200_000],
])("%s is %d milliseconds", (text, durationMs) => {
  expect(durationMsOf(text, "--for")).toBe(durationMs);
});

test.each(["", "20", "s", "0s", "-1s", "1e3s", "20 s", "1d", "Infinitys", "NaNs", "1000h"])("%j is refused", (text) => {
  expect(() => durationMsOf(text, "--for")).toThrow(/^--for must be a duration such as .* got ".*"\.$/);
});
