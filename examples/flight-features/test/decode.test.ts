import { expect, test } from "vitest";
import { Decode } from "../src/decode.ts";
import { FlightDecoder } from "../src/flight-decoder.ts";
import { defaultSettings } from "../src/settings.ts";
import { type RawRow, rawBatch } from "./flight-batches.ts";

const good: RawRow = [90, 33n, 2176n, "LAS", "PHL"];

test("a good row becomes numbers, and its airports and route keep theirs", () => {
  const decoder = new FlightDecoder();
  const first = decoder.decode(rawBatch([good, [91, -5n, 2176n, "PHL", "LAS"]]));
  const second = decoder.decode(rawBatch([[92, 0n, 400n, "ATL", "LAS"], good]));
  expect(first.flights).toBe(2);
  expect([...first.departureMinutes]).toEqual([90, 91]);
  expect([...first.delayMinutes]).toEqual([33, -5]);
  expect([...first.distanceMiles]).toEqual([2176, 2176]);
  expect([...first.originIds, ...first.destinationIds, ...first.routeIds]).toEqual([0, 1, 1, 0, 0, 1]);
  expect([...second.originIds, ...second.destinationIds, ...second.routeIds]).toEqual([2, 0, 0, 1, 2, 0]);
  expect(second.airports).toEqual(["LAS", "PHL", "ATL"]);
});

const nonsense: readonly (readonly [string, RawRow])[] = [
  ["no date", [null, 33n, 2176n, "LAS", "PHL"]],
  ["a date that is none", [new Date(Number.NaN), 33n, 2176n, "LAS", "PHL"]],
  ["a date before the data", [-1, 33n, 2176n, "LAS", "PHL"]],
  ["a date after the data", [400 * 24 * 60, 33n, 2176n, "LAS", "PHL"]],
  ["no delay", [90, null, 2176n, "LAS", "PHL"]],
  ["a delay of a day too early", [90, -1116n, 2176n, "LAS", "PHL"]],
  ["a delay of days", [90, 5000n, 2176n, "LAS", "PHL"]],
  ["a delay that is text", [90, "33", 2176n, "LAS", "PHL"]],
  ["a broken number", [90, 1.5, 2176n, "LAS", "PHL"]],
  ["no distance", [90, 33n, undefined, "LAS", "PHL"]],
  ["a distance of nothing", [90, 33n, 0n, "LAS", "PHL"]],
  ["a distance around the world", [90, 33n, 25_000n, "LAS", "PHL"]],
  ["no airport", [90, 33n, 2176n, null, "PHL"]],
  ["an airport that is no code", [90, 33n, 2176n, "LAS", "Philadelphia"]],
  ["a number for an airport", [90, 33n, 2176n, 5n, "PHL"]],
  ["a flight to where it came from", [90, 33n, 2176n, "LAS", "LAS"]],
];

test.each(nonsense)("a row with %s is left out and counted", (_, row) => {
  const batch = new FlightDecoder().decode(rawBatch([good, row, good]));
  expect(batch.flights).toBe(2);
  expect(batch.rejectedRows).toBe(1);
  expect([...batch.departureMinutes]).toEqual([90, 90]);
});

test("a batch of nonsense becomes a batch without flights", () => {
  const batch = new FlightDecoder().decode(rawBatch([[null, null, null, null, null]]));
  expect(batch.flights).toBe(0);
  expect(batch.rejectedRows).toBe(1);
  expect(batch.departureMinutes).toHaveLength(0);
});

test("more passes give the same flights as one", async () => {
  const decoded = async (decodePasses: number) => {
    const decode = new Decode({ ...defaultSettings, decodePasses });
    decode.end(rawBatch([good, [91, null, 1n, "LAS", "PHL"], [92, 7n, 400n, "ATL", "LAS"]]));
    return decode.toArray();
  };
  expect(await decoded(5)).toEqual(await decoded(1));
});
