import { type Recording, STATES, type State } from "../src/recording.ts";
import { uniform } from "./simulation.ts";

/** One step of what an application does with a unit, in a call of `run`. */
export interface LoopStage {
  readonly name: string;
  /** Draws the seconds of one call. */
  readonly seconds: (random: () => number) => number;
  /** `sync` holds the event loop, `lock` a lock that all such stages share; else only time passes. */
  readonly needs?: "sync" | "lock";
  readonly workers?: number;
}

export interface LoopPlan {
  readonly stages: readonly LoopStage[];
  /** Units that may be under way at once; absent means any number. */
  readonly atOnce?: number;
  /** Units come in bunches of `size`, with drawn seconds between them; absent means that there is always another. */
  readonly arrivals?: { readonly every: (random: () => number) => number; readonly size?: number };
  /** The first stage pulls from what arrives, and says that it is starved meanwhile. */
  readonly isPulled?: boolean;
  readonly seconds?: number;
  readonly snapshots?: number;
  readonly seed?: number;
}

interface Station {
  readonly plan: LoopStage;
  units: number;
  held: number;
  heldSquared: number;
  overlap: number;
  readonly workers: Record<State, number>;
  readonly seconds: Record<State, number>;
}

interface Single {
  holder: Station | null;
  readonly waiting: { readonly station: Station; readonly run: () => void }[];
}

/**
 * The recording of an application that takes each unit through all stages, one after the other: N loops around `run`,
 * or a call for each unit that arrives. A discrete-event simulation in one process with one thread.
 */
export function loopsRecorded(plan: LoopPlan): Recording {
  const random = uniform(plan.seed ?? 1);
  const zero = (): Record<State, number> =>
    Object.fromEntries(STATES.map((state) => [state, 0])) as Record<State, number>;
  const stations = plan.stages.map(
    (stage): Station => ({
      plan: stage,
      units: 0,
      held: 0,
      heldSquared: 0,
      overlap: 0,
      workers: zero(),
      seconds: zero(),
    }),
  );
  const first = stations[0] as Station;
  if (plan.isPulled === true) first.workers.starved = 1;
  const loop: Single = { holder: null, waiting: [] };
  const lock: Single = { holder: null, waiting: [] };
  const events: { readonly at: number; readonly run: () => void }[] = [];
  let now = 0;
  let free = plan.atOnce ?? Number.POSITIVE_INFINITY;
  let queued = 0;

  const after = (seconds: number, run: () => void): void => {
    const at = now + seconds;
    const place = events.findLastIndex((event) => event.at <= at) + 1;
    events.splice(place, 0, { at, run });
  };
  const advance = (to: number): void => {
    for (const station of stations) {
      for (const state of STATES) station.seconds[state] += station.workers[state] * (to - now);
      if (station === loop.holder) station.held += to - now;
      else if (loop.holder !== null) station.overlap += station.workers.self * (to - now);
    }
    now = to;
  };
  const take = (single: Single, station: Station, run: () => void): void => {
    if (single.holder !== null) {
      single.waiting.push({ station, run });
      return;
    }
    single.holder = station;
    run();
  };
  const give = (single: Single): void => {
    single.holder = null;
    const next = single.waiting.shift();
    if (next !== undefined) take(single, next.station, next.run);
  };
  /** The segment on the loop in which a unit leaves where it was and comes to a stage; ends when the loop is free. */
  const enter = (index: number, leave: () => void): void => {
    leave();
    const station = stations[index];
    if (station === undefined) {
      free += 1;
      if (!begin()) give(loop);
      return;
    }
    const length = station.plan.seconds(random);
    const ends = (state: State) => (): void => {
      station.workers[state] -= 1;
      station.units += 1;
    };
    const serve = (state: State): void =>
      after(length, () => {
        if (state === "use") give(lock);
        take(loop, station, () => enter(index + 1, ends(state)));
      });
    if (station.plan.needs === "sync") {
      loop.holder = station;
      station.workers.self += 1;
      station.heldSquared += length ** 2;
      // What follows an `await` of something that is done runs before the loop turns to anyone else.
      after(length, () => enter(index + 1, ends("self")));
      return;
    }
    if (station.plan.needs === "lock") {
      station.workers.wait += 1;
      take(lock, station, () => {
        station.workers.wait -= 1;
        station.workers.use += 1;
        serve("use");
      });
    } else {
      station.workers.self += 1;
      serve("self");
    }
    give(loop);
  };
  const begin = (): boolean => {
    if (free <= 0 || (plan.arrivals !== undefined && queued <= 0)) return false;
    free -= 1;
    queued -= 1;
    enter(0, () => {});
    return true;
  };
  const arrive = (): void => {
    for (let unit = 0; unit < (plan.arrivals?.size ?? 1); unit += 1) {
      queued += 1;
      take(loop, first, () => {
        if (!begin()) give(loop);
      });
    }
    if (plan.arrivals !== undefined) after(plan.arrivals.every(random), arrive);
  };

  const seconds = plan.seconds ?? 20;
  const count = plan.snapshots ?? 20;
  const recording: { header: Recording["header"]; snapshots: Recording["snapshots"][number][] } = {
    header: headerOf(plan),
    snapshots: [],
  };
  const snapshot = (): void => {
    const held = stations.reduce((sum, station) => sum + station.held, 0);
    recording.snapshots.push({
      kind: "snapshot",
      atSeconds: now,
      stages: stations.map((station, stage) => ({
        stage,
        thread: 0,
        units: station.units,
        arrived: station.units,
        items: station.units,
        errors: 0,
        dropped: 0,
        emitted: station.units,
        stateSeconds: STATES.map((state) => station.seconds[state]),
        stateWorkers: STATES.map((state) => station.workers[state]),
        loopHeldSeconds: station.held,
        loopHeldSquared: station.heldSquared,
        loopOverlapSeconds: station.overlap,
        duration: null,
      })),
      resources: stations.flatMap((station, stage) =>
        station.plan.needs === "lock"
          ? [
              {
                stage,
                resource: 0,
                thread: 0,
                uses: station.units,
                waitSeconds: station.seconds.wait,
                useSeconds: station.seconds.use,
                wait: null,
                use: null,
              },
            ]
          : [],
      ),
      threads: [
        { thread: 0, cpuSeconds: held, runQueueSeconds: 0, loopActiveSeconds: held, loopIdleSeconds: now - held },
      ],
      processes: [{ process: 0, cpuSeconds: held, runQueueSeconds: 0 }],
      losses: {},
    });
  };
  snapshot();
  if (plan.arrivals !== undefined) after(plan.arrivals.every(random), arrive);
  else for (let unit = 0; unit < (plan.atOnce ?? 1); unit += 1) take(loop, first, () => void begin());
  for (let step = 1; step <= count; step += 1) {
    const until = (step * seconds) / count;
    for (let event = events[0]; event !== undefined && event.at <= until; event = events[0]) {
      events.shift();
      advance(event.at);
      event.run();
    }
    advance(until);
    snapshot();
  }
  return recording;
}

function headerOf({ stages }: LoopPlan): Recording["header"] {
  return {
    format: "pinchpoint.recording/v1",
    kind: "header",
    machine: { cores: 4, node: "24.21.0", platform: "linux-x64" },
    processes: [{ id: 0, pid: 4242 }],
    threads: [{ id: 0, process: 0, role: "main", name: "main" }],
    stages: stages.map(({ name, workers }, id) => ({
      id,
      pipeline: "flights",
      name,
      role: id === 0 ? "source" : "stage",
      workers: workers ?? null,
    })),
    edges: stages.slice(1).map((_, from) => ({ from, to: from + 1 })),
    resources: stages.some(({ needs }) => needs === "lock")
      ? [{ id: 0, name: "table", kind: "lock", capacity: 1 }]
      : [],
  };
}
