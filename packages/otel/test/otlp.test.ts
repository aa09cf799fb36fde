import { expect, test } from "vitest";
import { isComplete } from "../src/otlp.ts";

test("spans are kept with an SDK that has registered both its tracers and its contexts", () => {
  const [trace, context] = [{}, {}] as never[];
  expect(isComplete({})).toBe(false);
  expect(isComplete({ trace } as never)).toBe(false);
  expect(isComplete({ context } as never)).toBe(false);
  expect(isComplete({ trace, context } as never)).toBe(true);
});
