import type { Component } from "./graph.ts";
import type { Recording, State } from "./recording.ts";
import type { ResourceDemand } from "./resource-demand.ts";

/** Units that a component has begun and not finished: every worker that is not starved has one. */
export interface InFlight {
  /** Mean over the window (L of Little's law). */
  readonly mean: number;
  /** Most at once in the whole recording; null where too few snapshots show any. */
  readonly most: number | null;
  /** Share of their time in which they wait for room, a lock or a pool, 0 to 1. */
  readonly heldUpShare: number;
}

/** With ten looks, units that come at random are in one of twenty cases no more at once than they are on average. */
const LEAST_SNAPSHOTS = 10;

/** Places of self, wait, use and blocked in STATES. */
const IN_FLIGHT = [1, 2, 3, 4] as const;

/**
 * Most units in flight that any snapshot shows, over all stages and threads. The most and no quantile: a busy pipeline
 * without a cap would often be near a quantile of its own.
 *
 * @returns null where too few snapshots show any to have met the most
 */
export function mostInFlight({ snapshots }: Recording, { stages }: Component): number | null {
  const own = new Set(stages.map(({ id }) => id));
  const counts = snapshots
    .map(({ stages: rows }) =>
      rows.reduce(
        (sum, { stage, stateWorkers }) =>
          own.has(stage) ? IN_FLIGHT.reduce((all, state) => all + Math.max(0, stateWorkers[state] ?? 0), sum) : sum,
        0,
      ),
    )
    .filter((count) => count > 0);
  return counts.length >= LEAST_SNAPSHOTS ? Math.max(...counts) : null;
}

export function inFlightOf(
  stages: readonly { readonly seconds: Readonly<Record<State, number>> }[],
  resources: readonly ResourceDemand[],
  windowSeconds: number,
  most: number | null,
): InFlight {
  let all = 0;
  let waits = 0;
  let blocked = 0;
  for (const { seconds } of stages) {
    all += seconds.self + seconds.wait + seconds.use + seconds.blocked;
    waits += seconds.wait;
    blocked += seconds.blocked;
  }
  // To reach a service takes time too, whoever else calls it.
  const reaching = resources.reduce(
    (sum, { resource, waitSeconds }) => (resource.kind === "service" ? sum + waitSeconds : sum),
    0,
  );
  const heldUp = blocked + Math.max(0, waits - reaching);
  return { mean: all / windowSeconds, most, heldUpShare: all > 0 ? heldUp / all : 0 };
}
