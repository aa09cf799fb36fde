import type { FlightBatch, RawBatch } from "./batch.ts";

/** Minute 0 of the data: 2001-01-01 00:00. The file's times are local and carry no zone; they are read as UTC. */
export const epochMs: number = Date.UTC(2001, 0, 1);
const minutesOfData = (Date.UTC(2001, 6, 2) - epochMs) / 60_000;

/** The longest flight of the United States is about 5,000 miles. */
export const longestMiles = 6000;
/** More than three hours early or thirty hours late is a flight written down on the wrong day. */
const earliestMinutes = -180;
export const latestMinutes = 1800;

const airportCode = /^[A-Z]{3}$/;
const mostAirports = 65_535;

/** Checks raw rows and turns airports and routes into small numbers, the same for the whole run. */
export class FlightDecoder {
  readonly #airports: string[] = [];
  readonly #idOfAirport = new Map<string, number>();
  readonly #idOfRoute = new Map<number, number>();

  /** Rows with a null, a wrong type, or a value that cannot be are left out and counted. */
  decode(batch: RawBatch): FlightBatch {
    const departureMinutes = new Int32Array(batch.rows);
    const delayMinutes = new Int16Array(batch.rows);
    const distanceMiles = new Int16Array(batch.rows);
    const originIds = new Uint16Array(batch.rows);
    const destinationIds = new Uint16Array(batch.rows);
    const routeIds = new Uint32Array(batch.rows);
    let flights = 0;
    for (let row = 0; row < batch.rows; row++) {
      const departure = minuteOf(batch.date[row]);
      const delay = wholeNumber(batch.delay[row], earliestMinutes, latestMinutes);
      const distance = wholeNumber(batch.distance[row], 1, longestMiles);
      const origin = batch.origin[row];
      const destination = batch.destination[row];
      if (departure === null || delay === null || distance === null || origin === destination) continue;
      const originId = this.#airportId(origin);
      const destinationId = this.#airportId(destination);
      if (originId === null || destinationId === null) continue;
      departureMinutes[flights] = departure;
      delayMinutes[flights] = delay;
      distanceMiles[flights] = distance;
      originIds[flights] = originId;
      destinationIds[flights] = destinationId;
      routeIds[flights] = this.#routeId(originId, destinationId);
      flights += 1;
    }
    return {
      flights,
      rejectedRows: batch.rows - flights,
      departureMinutes: departureMinutes.subarray(0, flights),
      delayMinutes: delayMinutes.subarray(0, flights),
      distanceMiles: distanceMiles.subarray(0, flights),
      originIds: originIds.subarray(0, flights),
      destinationIds: destinationIds.subarray(0, flights),
      routeIds: routeIds.subarray(0, flights),
      airports: this.#airports,
    };
  }

  #airportId(code: unknown): number | null {
    if (typeof code !== "string") return null;
    const known = this.#idOfAirport.get(code);
    if (known !== undefined) return known;
    if (!airportCode.test(code) || this.#airports.length >= mostAirports) return null;
    this.#idOfAirport.set(code, this.#airports.length);
    return this.#airports.push(code) - 1;
  }

  #routeId(originId: number, destinationId: number): number {
    const pair = originId * (mostAirports + 1) + destinationId;
    const known = this.#idOfRoute.get(pair);
    if (known !== undefined) return known;
    const id = this.#idOfRoute.size;
    this.#idOfRoute.set(pair, id);
    return id;
  }
}

function minuteOf(value: unknown): number | null {
  if (!(value instanceof Date)) return null;
  const minute = Math.floor((value.getTime() - epochMs) / 60_000);
  return minute >= 0 && minute < minutesOfData ? minute : null;
}

function wholeNumber(value: unknown, least: number, most: number): number | null {
  const number = typeof value === "bigint" ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number >= least && number <= most ? number : null;
}
