import { defaultSettings, type Settings } from "./settings.ts";

/**
 * Settings that make one part of the application limit the whole: more work in decode, a slower sink, a throttled
 * source, more work for the scoring pool, a slow model server, more threads at work than there are cores, a board that is
 * made anew beside the stages, many small objects, a heap with little room; or none. What is done is real; only how much
 * of it is set here.
 */
const pinches = {
  decode: { decodePasses: 320 },
  store: { storeCopies: 8 },
  source: { readRowsPerSecond: 25_000 },
  score: { scoring: "pool", scoreThreads: 1, scorePasses: 10 },
  remote: { scoring: "remote", remoteSlots: 2, remoteMs: 45 },
  "workers-over-cores": { scoring: "pool", scoreThreads: 4, scorePasses: 16 },
  loop: { boardPasses: 22 },
  gc: { recentFlights: 120, recentCopies: 500 },
  memory: { recentFlights: 70_000, recentCopies: 2, heapMb: 120 },
  none: {},
} as const satisfies Record<string, Partial<Settings>>;

export type PinchName = keyof typeof pinches;

export const pinchNames: readonly PinchName[] = Object.keys(pinches) as PinchName[];

/**
 * The content of `settings.json` for a pinch.
 *
 * @throws Error if there is no pinch of that name
 */
export function pinchSettings(name: string): Settings {
  if (!Object.hasOwn(pinches, name)) {
    throw new Error(`there is no pinch "${name}"; the pinches are ${pinchNames.join(", ")}`);
  }
  return { ...defaultSettings, ...pinches[name as PinchName] };
}
