import fc from "fast-check";
import { expect, test } from "vitest";
import { DelayFeatures, featureNames, knownAtMinute } from "../src/delay-features.ts";
import { airportCount, type Flight, flightBatch } from "./flight-batches.ts";

type Row = Record<(typeof featureNames)[number], number>;

function computed(flights: readonly Flight[], batchRows = 7): Row[] {
  const features = new DelayFeatures();
  const rows: Row[] = [];
  for (let start = 0; start < flights.length; start += batchRows) {
    const part = flights.slice(start, start + batchRows);
    const matrix = features.compute(flightBatch(part));
    part.forEach((_, row) => {
      const values = matrix.subarray(row * featureNames.length, (row + 1) * featureNames.length);
      rows.push(Object.fromEntries(featureNames.map((name, index) => [name, values[index]])) as Row);
    });
  }
  return rows;
}

/** The definition, flight by flight, by looking at every flight before it. */
function naive(flights: readonly Flight[], index: number): Row {
  const flight = flights[index]!;
  const now = flight.departureMinute;
  const before = flights.slice(0, index).map((other) => ({
    ...other,
    known: knownAtMinute(other.departureMinute, other.distanceMiles, other.delayMinutes),
  }));
  const known = (minutes: number) => before.filter((other) => other.known <= now && other.known > now - minutes);
  const hour = known(60);
  const threeHours = known(180);
  const ever = known(Number.POSITIVE_INFINITY);
  const mean = (values: readonly number[]) =>
    values.length === 0 ? 0 : Math.fround(values.reduce((sum, value) => sum + value, 0) / values.length);
  const delays = (others: readonly Flight[]) => others.map((other) => other.delayMinutes);
  const late = (others: readonly Flight[]) => others.map((other) => Number(other.delayMinutes >= 15));
  const outbound = (others: typeof before) => others.filter((other) => other.originId === flight.originId);
  const inboundHere = (others: typeof before) => others.filter((other) => other.destinationId === flight.originId);
  const inboundThere = (others: typeof before) =>
    others.filter((other) => other.destinationId === flight.destinationId);
  const route = (others: typeof before) => inboundThere(outbound(others));
  const networkRate = late(ever).reduce((sum, value) => sum + value, 0) / Math.max(1, ever.length);
  const smoothed = (values: readonly number[]) =>
    Math.fround((values.reduce((sum, value) => sum + value, 0) + networkRate * 50) / (values.length + 50));
  return {
    minute_of_day: now % 1440,
    weekday: Math.floor(now / 1440) % 7,
    distance_miles: flight.distanceMiles,
    origin_departures_1h: outbound(before).filter(
      (other) => other.departureMinute < now && other.departureMinute >= now - 60,
    ).length,
    outbound_mean_1h: mean(delays(outbound(hour))),
    outbound_count_1h: outbound(hour).length,
    outbound_mean_3h: mean(delays(outbound(threeHours))),
    outbound_count_3h: outbound(threeHours).length,
    inbound_mean_1h: mean(delays(inboundHere(hour))),
    inbound_count_1h: inboundHere(hour).length,
    destination_mean_1h: mean(delays(inboundThere(hour))),
    destination_count_1h: inboundThere(hour).length,
    destination_mean_3h: mean(delays(inboundThere(threeHours))),
    destination_count_3h: inboundThere(threeHours).length,
    route_mean_3h: mean(delays(route(threeHours))),
    route_count_3h: route(threeHours).length,
    network_mean_1h: mean(delays(hour)),
    network_count_1h: hour.length,
    origin_late_rate: smoothed(late(outbound(ever))),
    destination_late_rate: smoothed(late(inboundThere(ever))),
    route_late_rate: smoothed(late(route(ever))),
  };
}

const airport = fc.nat(airportCount - 1);
const someFlights = fc
  .array(
    fc.record({
      departureMinute: fc.nat(900),
      delayMinutes: fc.oneof(fc.integer({ min: -30, max: 60 }), fc.integer({ min: -180, max: 1800 })),
      distanceMiles: fc.integer({ min: 1, max: 1200 }),
      originId: airport,
      destinationId: airport,
    }),
    { minLength: 1, maxLength: 80 },
  )
  .map((flights) => flights.toSorted((one, other) => one.departureMinute - other.departureMinute));

test("rolling features equal their definition, computed by looking at every earlier flight", () => {
  fc.assert(
    fc.property(someFlights, fc.integer({ min: 1, max: 40 }), (flights, batchRows) => {
      const rows = computed(flights, batchRows);
      expect(rows).toEqual(flights.map((_, index) => naive(flights, index)));
    }),
    { numRuns: 60 },
  );
});

test("a delay changes nothing before the minute in which it can be known, not even for its own flight", () => {
  const otherDelay = fc.integer({ min: -180, max: 1800 });
  fc.assert(
    fc.property(someFlights, fc.nat(79), otherDelay, (flights, pick, delayMinutes) => {
      const changed = pick % flights.length;
      const flight = flights[changed]!;
      const knownFrom = Math.min(
        knownAtMinute(flight.departureMinute, flight.distanceMiles, flight.delayMinutes),
        knownAtMinute(flight.departureMinute, flight.distanceMiles, delayMinutes),
      );
      expect(knownFrom).toBeGreaterThan(flight.departureMinute);
      const unknowing = flights.filter(({ departureMinute }) => departureMinute < knownFrom).length;
      expect(unknowing).toBeGreaterThan(changed);
      const before = computed(flights).slice(0, unknowing);
      const after = computed(flights.with(changed, { ...flight, delayMinutes })).slice(0, unknowing);
      expect(after).toEqual(before);
    }),
    { numRuns: 100 },
  );
});

test("a flight's features do not depend on flights that come after it", () => {
  fc.assert(
    fc.property(someFlights, fc.nat(79), (flights, pick) => {
      const count = 1 + (pick % flights.length);
      expect(computed(flights.slice(0, count))).toEqual(computed(flights).slice(0, count));
    }),
    { numRuns: 60 },
  );
});

test("a row that comes late is taken as of the newest time, so that time does not run backwards", () => {
  const flight = { delayMinutes: 20, distanceMiles: 75, originId: 0, destinationId: 1 };
  const onTime = [0, 100, 100].map((departureMinute) => ({ ...flight, departureMinute }));
  const late = [0, 100, 40].map((departureMinute) => ({ ...flight, departureMinute }));
  const known = (rows: readonly Row[]) => rows.map((row) => row.outbound_count_1h);
  expect(known(computed(late))).toEqual(known(computed(onTime)));
  expect(known(computed(late))).toEqual([0, 1, 1]);
});
