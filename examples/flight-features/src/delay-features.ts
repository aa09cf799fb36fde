import { type FlightBatch, lateFromMinutes } from "./batch.ts";
import { latestMinutes, longestMiles } from "./flight-decoder.ts";
import { OutcomeTimeline } from "./outcome-timeline.ts";
import { Tally } from "./tally.ts";

const hourMinutes = 60;
const threeHoursMinutes = 180;

/** Taxiing and climbing, then 450 miles an hour: when a flight is over, if it is not late. */
const groundMinutes = 30;
const milesPerMinute = 7.5;

/** Flights that a route or airport must have had before its own late rate outweighs that of the whole network. */
const priorFlights = 50;

/** The columns of the feature matrix, in order. The model was trained on exactly these. */
export const featureNames = [
  "minute_of_day",
  "weekday",
  "distance_miles",
  "origin_departures_1h",
  "outbound_mean_1h",
  "outbound_count_1h",
  "outbound_mean_3h",
  "outbound_count_3h",
  "inbound_mean_1h",
  "inbound_count_1h",
  "destination_mean_1h",
  "destination_count_1h",
  "destination_mean_3h",
  "destination_count_3h",
  "route_mean_3h",
  "route_count_3h",
  "network_mean_1h",
  "network_count_1h",
  "origin_late_rate",
  "destination_late_rate",
  "route_late_rate",
] as const;

/**
 * The first minute at which a flight's delay can be known: its own arrival, by an estimate of the flight's length. It
 * is always later than its departure, so that no flight sees its own delay.
 */
export function knownAtMinute(departureMinute: number, distanceMiles: number, delayMinutes: number): number {
  return departureMinute + Math.ceil(groundMinutes + distanceMiles / milesPerMinute) + Math.max(0, delayMinutes);
}

const longestFlightMinutes = knownAtMinute(0, longestMiles, latestMinutes);

/** Delays of the flights that ended within a window: by airport of departure and of arrival, by route, and of all. */
class Window {
  readonly outbound = new Tally();
  readonly inbound = new Tally();
  readonly route = new Tally();
  readonly network = new Tally();

  add(originId: number, destinationId: number, routeId: number, value: number): void {
    this.outbound.add(originId, value);
    this.inbound.add(destinationId, value);
    this.route.add(routeId, value);
    this.network.add(0, value);
  }

  remove(originId: number, destinationId: number, routeId: number, value: number): void {
    this.outbound.remove(originId, value);
    this.inbound.remove(destinationId, value);
    this.route.remove(routeId, value);
    this.network.remove(0, value);
  }
}

/** Rolling features in event time: a flight sees only what was known in the minute when it left. */
export class DelayFeatures {
  readonly #outcomes = new OutcomeTimeline(longestFlightMinutes, threeHoursMinutes);
  readonly #departures = new OutcomeTimeline(1, hourMinutes);
  readonly #hour = new Window();
  readonly #threeHours = new Window();
  /** 1 for each late flight, 0 for each other one, since the start. */
  readonly #late = new Window();
  readonly #departuresOfHour = new Tally();
  #nowMinute = 0;

  constructor() {
    this.#outcomes.follow(0, (originId, destinationId, routeId, delayMinutes) => {
      this.#hour.add(originId, destinationId, routeId, delayMinutes);
      this.#threeHours.add(originId, destinationId, routeId, delayMinutes);
      this.#late.add(originId, destinationId, routeId, delayMinutes >= lateFromMinutes ? 1 : 0);
    });
    this.#outcomes.follow(hourMinutes, (...outcome) => this.#hour.remove(...outcome));
    this.#outcomes.follow(threeHoursMinutes, (...outcome) => this.#threeHours.remove(...outcome));
    this.#departures.follow(0, (originId) => this.#departuresOfHour.add(originId, 0));
    this.#departures.follow(hourMinutes, (originId) => this.#departuresOfHour.remove(originId, 0));
  }

  /** @returns row-major matrix of `batch.flights` rows and `featureNames.length` columns */
  compute(batch: FlightBatch): Float32Array {
    const matrix = new Float32Array(batch.flights * featureNames.length);
    for (let row = 0; row < batch.flights; row++) {
      const originId = batch.originIds[row]!;
      const destinationId = batch.destinationIds[row]!;
      const routeId = batch.routeIds[row]!;
      const departureMinute = batch.departureMinutes[row]!;
      const distanceMiles = batch.distanceMiles[row]!;
      const delayMinutes = batch.delayMinutes[row]!;
      // A row that comes late is taken as of the newest time: time does not run backwards.
      const nowMinute = Math.max(this.#nowMinute, departureMinute);
      this.#nowMinute = nowMinute;
      this.#outcomes.advanceTo(nowMinute);
      this.#departures.advanceTo(nowMinute);
      this.#writeRow(
        matrix,
        row * featureNames.length,
        departureMinute,
        distanceMiles,
        originId,
        destinationId,
        routeId,
      );
      const outcome = { originId, destinationId, routeId, delayMinutes };
      this.#outcomes.add(knownAtMinute(nowMinute, distanceMiles, delayMinutes), outcome);
      this.#departures.add(nowMinute + 1, outcome);
    }
    return matrix;
  }

  #writeRow(
    matrix: Float32Array,
    start: number,
    departureMinute: number,
    distanceMiles: number,
    originId: number,
    destinationId: number,
    routeId: number,
  ): void {
    const hour = this.#hour;
    const threeHours = this.#threeHours;
    const late = this.#late;
    const lateRate = late.network.mean(0);
    let column = start;
    matrix[column++] = departureMinute % 1440;
    // 2001-01-01 was a Monday: 0 is Monday, 6 is Sunday.
    matrix[column++] = Math.floor(departureMinute / 1440) % 7;
    matrix[column++] = distanceMiles;
    matrix[column++] = this.#departuresOfHour.count(originId);
    matrix[column++] = hour.outbound.mean(originId);
    matrix[column++] = hour.outbound.count(originId);
    matrix[column++] = threeHours.outbound.mean(originId);
    matrix[column++] = threeHours.outbound.count(originId);
    matrix[column++] = hour.inbound.mean(originId);
    matrix[column++] = hour.inbound.count(originId);
    matrix[column++] = hour.inbound.mean(destinationId);
    matrix[column++] = hour.inbound.count(destinationId);
    matrix[column++] = threeHours.inbound.mean(destinationId);
    matrix[column++] = threeHours.inbound.count(destinationId);
    matrix[column++] = threeHours.route.mean(routeId);
    matrix[column++] = threeHours.route.count(routeId);
    matrix[column++] = hour.network.mean(0);
    matrix[column++] = hour.network.count(0);
    matrix[column++] = late.outbound.smoothedMean(originId, lateRate, priorFlights);
    matrix[column++] = late.inbound.smoothedMean(destinationId, lateRate, priorFlights);
    matrix[column++] = late.route.smoothedMean(routeId, lateRate, priorFlights);
  }
}
