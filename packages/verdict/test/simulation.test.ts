import { expect, test } from "vitest";
import { exponential, simulate } from "./simulation.ts";

test("a queue with one server is busy and as long as M/M/1 says", () => {
  const [load, service] = [0.7, 1];
  const moments = simulate(
    [
      { name: "arrive", seconds: exponential(service / load), to: ["serve"] },
      { name: "serve", seconds: exponential(service), buffer: Number.POSITIVE_INFINITY },
    ],
    { seconds: 100_000, everySeconds: 100_000, seed: 3 },
  );
  const serve = moments.at(-1)?.stages[1];
  expect(serve?.self).toBeCloseTo(load * 100_000, -3.2);
  // Lq = rho^2 / (1 - rho)
  expect((serve?.queued ?? 0) / 100_000).toBeCloseTo(load ** 2 / (1 - load), 0.5);
});

test("two exponential servers without a buffer pass two thirds of what one would", () => {
  const moments = simulate(
    [
      { name: "first", seconds: exponential(1), to: ["second"] },
      { name: "second", seconds: exponential(1), buffer: 0 },
    ],
    { seconds: 50_000, everySeconds: 50_000, seed: 4 },
  );
  expect((moments.at(-1)?.stages[1]?.units ?? 0) / 50_000).toBeCloseTo(2 / 3, 1.8);
});

test("synchronous stages share one loop, so that their rates fall to what it allows", () => {
  const moments = simulate(
    [
      { name: "first", seconds: () => 0.5, isSync: true, to: ["second"] },
      { name: "second", seconds: () => 0.5, isSync: true },
    ],
    { seconds: 1000, everySeconds: 1000, seed: 5 },
  );
  expect(moments.at(-1)?.loopHeld).toBeGreaterThan(999);
  expect(moments.at(-1)?.stages[1]?.units).toBeCloseTo(1000, -1.2);
});
