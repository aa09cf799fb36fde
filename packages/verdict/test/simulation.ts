/**
 * A small discrete-event simulation of a pipeline: stations with finite buffers, blocking after service, one event loop
 * that synchronous segments and asynchronous continuations share in order of arrival. Test code: simple, not quick.
 */
export interface SimulatedStage {
  readonly name: string;
  /** Draws the seconds of service of one unit; called with a uniform random source. */
  readonly seconds: (random: () => number) => number;
  /** Synchronous service holds the loop; asynchronous only needs it for an instant at the end. */
  readonly isSync?: boolean;
  /** Seconds that an asynchronous stage holds the loop when its service ends (parsing a reply, for example). */
  readonly continuationSeconds?: number;
  readonly workers?: number;
  /** Units that wait in front of it at most. */
  readonly buffer?: number;
  /** Units out for one unit in: below 1 a filter, above 1 a fan-out. Fractions are drawn. */
  readonly emits?: number;
  readonly to?: readonly string[];
  /** Only for a first stage: it ends after this many units. */
  readonly limit?: number;
  /** Only for a first stage: it is idle until then. */
  readonly startsAtSeconds?: number;
}

export interface StageTotals {
  units: number;
  emitted: number;
  starved: number;
  self: number;
  blocked: number;
  workers: { starved: number; self: number; blocked: number };
  held: number;
  heldSquared: number;
  overlap: number;
  /** Integral of the number of units that wait in front of it. */
  queued: number;
}

export interface Moment {
  readonly atSeconds: number;
  readonly loopHeld: number;
  readonly stages: readonly StageTotals[];
}

interface Station {
  readonly index: number;
  readonly plan: SimulatedStage;
  readonly next: Station[];
  readonly isSource: boolean;
  queue: number;
  idle: number;
  made: number;
  /** Units that are done but found no room, with the places that they still have to go to. */
  readonly stuck: { pending: Station[] }[];
  readonly totals: StageTotals;
}

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export interface SimulationOptions {
  readonly seconds: number;
  readonly everySeconds: number;
  readonly seed: number;
  /** Factor by which segments on the loop take longer than their work: 2 where every second moment has no core. */
  readonly slowdown?: number;
}

export function uniform(seed: number): () => number {
  // A linear congruential generator (Knuth, MMIX); its high bits are good enough here.
  let state = BigInt(seed) * 2862933555777941757n + 3037000493n;
  return () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number(state >> 11n) / 2 ** 53;
  };
}

export const steady =
  (seconds: number) =>
  (random: () => number): number =>
    seconds * (0.9 + 0.2 * random());
export const exact = (seconds: number) => (): number => seconds;
export const exponential =
  (mean: number) =>
  (random: () => number): number =>
    -mean * Math.log(1 - random());

/** Runs the plan and returns the totals at every step, from 0 to the end. */
export function simulate(plan: readonly SimulatedStage[], options: SimulationOptions): Moment[] {
  const random = uniform(options.seed);
  const slowdown = options.slowdown ?? 1;
  const fed = new Set(plan.flatMap((stage) => stage.to ?? []));
  const stations: Station[] = plan.map((stage, index) => ({
    index,
    plan: stage,
    next: [],
    isSource: !fed.has(stage.name),
    queue: 0,
    idle: stage.workers ?? 1,
    made: 0,
    stuck: [],
    totals: {
      units: 0,
      emitted: 0,
      starved: 0,
      self: 0,
      blocked: 0,
      workers: fed.has(stage.name)
        ? { starved: stage.workers ?? 1, self: 0, blocked: 0 }
        : { starved: 0, self: 0, blocked: stage.workers ?? 1 },
      held: 0,
      heldSquared: 0,
      overlap: 0,
      queued: 0,
    },
  }));
  for (const station of stations)
    for (const name of station.plan.to ?? [])
      station.next.push(stations.find((other) => other.plan.name === name) as Station);

  let now = 0;
  let order = 0;
  const events: Event[] = [];
  const holding: { station: Station | null } = { station: null };
  let loopHeld = 0;
  const waiting: { station: Station; length: number; isService: boolean; done: () => void }[] = [];

  const schedule = (after: number, run: () => void): void => {
    const event = { at: now + after, order: order++, run };
    let index = events.length;
    while (index > 0 && later(events[index - 1] as Event, event)) index -= 1;
    events.splice(index, 0, event);
  };
  // A Readable is blocked from its push until the next `_read`: it has nothing to be starved of.
  const idleState = (station: Station): "starved" | "blocked" => (station.isSource ? "blocked" : "starved");
  const move = (station: Station, from: "starved" | "self" | "blocked", to: "starved" | "self" | "blocked"): void => {
    if (from === to) return;
    station.totals.workers[from] -= 1;
    station.totals.workers[to] += 1;
  };
  const advance = (to: number): void => {
    const passed = to - now;
    for (const station of stations) {
      const { totals } = station;
      totals.starved += totals.workers.starved * passed;
      totals.self += totals.workers.self * passed;
      totals.blocked += totals.workers.blocked * passed;
      totals.queued += station.queue * passed;
      if (holding.station === null) continue;
      if (station === holding.station) totals.held += passed;
      else totals.overlap += totals.workers.self * passed;
    }
    if (holding.station !== null) loopHeld += passed;
    now = to;
  };
  const takeLoop = (): void => {
    while (holding.station === null && waiting.length > 0) {
      const segment = waiting.shift() as (typeof waiting)[number];
      if (segment.isService) move(segment.station, idleState(segment.station), "self");
      if (segment.length === 0) {
        segment.done();
        continue;
      }
      holding.station = segment.station;
      segment.station.totals.heldSquared += segment.length ** 2;
      schedule(segment.length, () => {
        holding.station = null;
        segment.done();
        takeLoop();
      });
    }
  };
  const begin = (station: Station): void => {
    const { plan: stage } = station;
    while (station.idle > 0 && canBegin(station)) {
      station.idle -= 1;
      station.made += 1;
      if (!station.isSource) {
        station.queue -= 1;
        release(station);
      }
      const length = stage.seconds(random);
      const done = (): void => finish(station);
      if (stage.isSync === true) {
        waiting.push({ station, length: length * slowdown, isService: true, done });
      } else {
        move(station, idleState(station), "self");
        const continuation = (stage.continuationSeconds ?? 0) * slowdown;
        schedule(length, () => {
          waiting.push({ station, length: continuation, isService: false, done });
          takeLoop();
        });
      }
    }
    takeLoop();
  };
  const canBegin = (station: Station): boolean => {
    if (!station.isSource) return station.queue > 0;
    const { limit, startsAtSeconds } = station.plan;
    return station.made < (limit ?? Number.POSITIVE_INFINITY) && now >= (startsAtSeconds ?? 0);
  };
  const finish = (station: Station): void => {
    const { totals } = station;
    totals.units += 1;
    const mean = station.plan.emits ?? 1;
    const count = Math.floor(mean) + (random() < mean - Math.floor(mean) ? 1 : 0);
    totals.emitted += count;
    const pending = Array.from({ length: count }, () => station.next).flat();
    move(station, "self", "blocked");
    station.stuck.push({ pending });
    settle(station);
  };
  /** Hands on what finds room; a worker whose unit is gone takes the next. */
  const settle = (station: Station): void => {
    for (const unit of [...station.stuck]) {
      const left: Station[] = [];
      for (const target of unit.pending) {
        if (target.queue < (target.plan.buffer ?? 16) || (target.queue === 0 && target.idle > 0)) {
          target.queue += 1;
          begin(target);
        } else left.push(target);
      }
      unit.pending = left;
      if (left.length > 0) continue;
      const index = station.stuck.indexOf(unit);
      if (index < 0) continue;
      station.stuck.splice(index, 1);
      station.idle += 1;
      move(station, "blocked", idleState(station));
      release(station);
    }
    begin(station);
  };
  const release = (station: Station): void => {
    for (const other of stations)
      if (other.next.includes(station) && other.stuck.length > 0) schedule(0, () => settle(other));
  };

  const moments: Moment[] = [];
  const record = (): void => {
    moments.push({ atSeconds: now, loopHeld, stages: stations.map((station) => structuredClone(station.totals)) });
  };
  for (const station of stations)
    if (station.isSource) schedule(station.plan.startsAtSeconds ?? 0, () => begin(station));
  const steps = Math.round(options.seconds / options.everySeconds);
  record();
  for (let step = 1; step <= steps; step += 1) {
    const until = step * options.everySeconds;
    for (let event = events[0]; event !== undefined && event.at <= until; event = events[0]) {
      events.shift();
      advance(event.at);
      event.run();
    }
    advance(until);
    record();
  }
  return moments;
}

function later(a: Event, b: Event): boolean {
  return a.at > b.at || (a.at === b.at && a.order > b.order);
}
