import { expect, test } from "vitest";
import { RecentFlights } from "../src/recent-flights.ts";
import { scoredBatch } from "./flight-batches.ts";

function kept(recentFlights: number, recentCopies: number, halved: "recent" | null, batches: number): number {
  const recent = new RecentFlights({ recentFlights, recentCopies, halved });
  for (let batch = 0; batch < batches; batch++) recent.add(scoredBatch(10));
  return recent.count;
}

test.each([
  ["as many flights as come are kept while there is room", kept(100, 1, null, 3), 30],
  ["the newest take the place of the oldest", kept(25, 1, null, 9), 25],
  ["copies of a flight are one flight", kept(100, 4, null, 3), 30],
  ["none are kept where none are wanted", kept(0, 1, null, 3), 0],
  ["of every second batch where it is halved", kept(100, 2, "recent", 4), 20],
])("%s", (_, count, expected) => {
  expect(count).toBe(expected);
});
