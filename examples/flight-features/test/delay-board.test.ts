import { expect, test } from "vitest";
import { boardOf } from "../src/delay-board.ts";

const airports = ["AMS", "JFK", "SFO"];

test("the airport with the largest share of late flights comes first, with its median delay", () => {
  const origins = Uint16Array.of(0, 0, 1, 1, 1, 2);
  const delays = Int16Array.of(15, 3, 20, 30, 1, -5);
  expect(boardOf(airports, origins, delays, 6, 1)).toEqual([
    { origin: "JFK", flights: 3, lateShare: 2 / 3, medianDelayMinutes: 20 },
    { origin: "AMS", flights: 2, lateShare: 0.5, medianDelayMinutes: 15 },
    { origin: "SFO", flights: 1, lateShare: 0, medianDelayMinutes: -5 },
  ]);
});

test("only so many flights count as there are", () => {
  const [first] = boardOf(airports, Uint16Array.of(2, 0), Int16Array.of(60, 60), 1, 1);
  expect(first).toEqual({ origin: "SFO", flights: 1, lateShare: 1, medianDelayMinutes: 60 });
});

test("before the first flight there is nothing on it", () => {
  expect(boardOf([], new Uint16Array(4), new Int16Array(4), 0, 1)).toEqual([]);
});

test("an airport with hardly any flights is not on it", () => {
  const lines = boardOf(airports, Uint16Array.of(0, 0, 1), Int16Array.of(0, 0, 90), 3, 2);
  expect(lines.map(({ origin }) => origin)).toEqual(["AMS"]);
});
