import { type FlightBatch, lateFromMinutes } from "./batch.ts";
import { EveryOther } from "./every-other.ts";
import type { Settings } from "./settings.ts";

/** The board is made anew so long after it was made. */
const restMs = 20;
/** Flights that it looks back at. */
const flightsSeen = 65_536;
const linesShown = 10;
/** An airport with fewer of them tells nothing by its share. */
const leastFlights = 200;

export interface BoardLine {
  readonly origin: string;
  readonly flights: number;
  /** 0 to 1: of the flights, those that were late. */
  readonly lateShare: number;
  readonly medianDelayMinutes: number;
}

/** The airports with the most late flights of late, for whoever looks: kept up to date by a timer, apart from the stages. */
export class DelayBoard {
  readonly #passes: number;
  readonly #everyOther: EveryOther<"made">;
  readonly #origins = new Uint16Array(flightsSeen);
  readonly #delays = new Int16Array(flightsSeen);
  #airports: readonly string[] = [];
  #seen = 0;
  #lines: readonly BoardLine[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor({ boardPasses, halved }: Pick<Settings, "boardPasses" | "halved">) {
    this.#passes = boardPasses;
    this.#everyOther = new EveryOther(halved === "board");
  }

  get lines(): readonly BoardLine[] {
    return this.#lines;
  }

  start(): void {
    if (this.#passes === 0) return;
    const makeDelayBoard = (): void => {
      for (let pass = 0; pass < this.#passes; pass++) this.#make();
      this.#timer = setTimeout(makeDelayBoard, restMs);
    };
    makeDelayBoard();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  add({ flights, airports, originIds, delayMinutes }: FlightBatch): void {
    if (this.#passes === 0) return;
    this.#airports = airports;
    for (let index = 0; index < flights; index++) {
      const at = this.#seen++ % flightsSeen;
      this.#origins[at] = originIds[index]!;
      this.#delays[at] = delayMinutes[index]!;
    }
  }

  #make(): void {
    if (this.#everyOther.take() !== undefined) return;
    this.#lines = boardOf(this.#airports, this.#origins, this.#delays, Math.min(this.#seen, flightsSeen));
    this.#everyOther.keep("made");
  }
}

/**
 * The airports of departure with the largest share of late flights, the worst first.
 *
 * @param origins - index into `airports`, of each flight
 * @param delays - minutes, of each flight
 */
export function boardOf(
  airports: readonly string[],
  origins: Uint16Array,
  delays: Int16Array,
  flights: number,
  least: number = leastFlights,
): BoardLine[] {
  const counts = new Uint32Array(airports.length);
  const late = new Uint32Array(airports.length);
  for (let index = 0; index < flights; index++) {
    const origin = origins[index]!;
    counts[origin]! += 1;
    if (delays[index]! >= lateFromMinutes) late[origin]! += 1;
  }
  return airports
    .map((origin, id) => ({ origin, id, flights: counts[id]!, lateShare: late[id]! / Math.max(1, counts[id]!) }))
    .filter((line) => line.flights >= least)
    .sort((one, other) => other.lateShare - one.lateShare || other.flights - one.flights)
    .slice(0, linesShown)
    .map(({ id, ...line }) => ({ ...line, medianDelayMinutes: medianDelay(id, origins, delays, flights) }));
}

function medianDelay(airport: number, origins: Uint16Array, delays: Int16Array, flights: number): number {
  const own: number[] = [];
  for (let index = 0; index < flights; index++) if (origins[index] === airport) own.push(delays[index]!);
  return own.sort((one, other) => one - other)[Math.floor(own.length / 2)] ?? 0;
}
