import type { FlightBatch, RawBatch, ScoredBatch } from "../src/batch.ts";
import { epochMs } from "../src/flight-decoder.ts";

/** One flight as a test writes it down. */
export interface Flight {
  readonly departureMinute: number;
  readonly delayMinutes: number;
  readonly distanceMiles: number;
  readonly originId: number;
  readonly destinationId: number;
}

/** As many airports as a test may name, each pair of them a route. */
export const airportCount = 4;

export function flightBatch(flights: readonly Flight[]): FlightBatch {
  return {
    flights: flights.length,
    rejectedRows: 0,
    departureMinutes: Int32Array.from(flights, (flight) => flight.departureMinute),
    delayMinutes: Int16Array.from(flights, (flight) => flight.delayMinutes),
    distanceMiles: Int16Array.from(flights, (flight) => flight.distanceMiles),
    originIds: Uint16Array.from(flights, (flight) => flight.originId),
    destinationIds: Uint16Array.from(flights, (flight) => flight.destinationId),
    routeIds: Uint32Array.from(flights, (flight) => flight.originId * airportCount + flight.destinationId),
    airports: ["AAA", "BBB", "CCC", "DDD"],
  };
}

/** As many flights, one like the other, with what the stages before the store make of them. */
export function scoredBatch(flights: number): ScoredBatch {
  const flight = { departureMinute: 60, delayMinutes: 15, distanceMiles: 300, originId: 0, destinationId: 1 };
  const batch = flightBatch(Array.from({ length: flights }, () => flight));
  return { ...batch, features: new Float32Array(0), lateProbability: new Float32Array(flights).fill(0.5) };
}

/** A raw row: date in minutes since 2001, or whatever a test puts in its place. */
export type RawRow = readonly [date: unknown, delay: unknown, distance: unknown, origin: unknown, destination: unknown];

export function rawBatch(rows: readonly RawRow[]): RawBatch {
  const date = (value: unknown): unknown => (typeof value === "number" ? new Date(epochMs + value * 60_000) : value);
  return {
    rows: rows.length,
    date: rows.map((row) => date(row[0])),
    delay: rows.map((row) => row[1]),
    distance: rows.map((row) => row[2]),
    origin: rows.map((row) => row[3]),
    destination: rows.map((row) => row[4]),
  };
}
