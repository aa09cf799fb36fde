import type { Picture } from "./demand.ts";
import type { Entity, Finding, Step } from "./verdict.ts";

/** Something that could limit the component, and how near its limit it is. */
export interface Candidate {
  readonly entity: Entity;
  /** Name and id of the stage that it concerns. */
  readonly stage: string | null;
  readonly stageId: number | null;
  /** Id of the thread for an event loop, and for a shortage of cores that shows on a thread. */
  readonly threadId: number | null;
  /** Id of the pool, service or other resource whose limit it is. */
  readonly resourceId: number | null;
  /** Useful share of the capacity, 0 to 1: rules compare by it. */
  readonly utilisation: number;
  /** The same with its waits for loop and core: what-if starts from it. */
  readonly occupied: number;
}

/** A part of one loop's time that is no stage's own, and what the change leaves of it. */
export interface Eased {
  readonly threadId: number;
  readonly part:
    | { readonly kind: "garbage" }
    | { readonly kind: "mark-sweep" }
    | { readonly kind: "outside"; readonly name: string };
  /** Share of the time that is left. */
  readonly factor: number;
}

/** A change to the pipeline as numbers, so that what-if can apply it. */
export interface Change {
  readonly change: string;
  readonly stageId: number | null;
  /** The stage's own time is multiplied by it. */
  readonly work: number;
  readonly addedWorkers: number;
  /** True if the stage's time leaves the event loop for a thread of its own. */
  readonly leavesLoop: boolean;
  readonly addedCores: number;
  /** The resource whose calls are multiplied by `work`, and to which servers are added. */
  readonly resourceId: number | null;
  readonly addedServers: number;
  /** Units that may be under way besides those that are. */
  readonly addedInFlight: number;
  /** What takes less of a loop's time, apart from stages; null: nothing. */
  readonly eased: Eased | null;
  /** True if more may come of it than can be told: what is predicted is the least. */
  readonly isLeast: boolean;
  /** The same as data, so that a program can carry it out. */
  readonly step: Step;
}

/** One kind of limit: check, sentence, summary, and what could be done. One file each. */
export interface Rule {
  /** Check: everything of its kind that could limit. */
  candidates(picture: Picture): Candidate[];
  /** Sentence: why this one is believed to limit; the strongest first. */
  why(candidate: Candidate, picture: Picture): Finding[];
  /** Summary: how it stands in the list of what does not limit. */
  summary(candidate: Candidate, picture: Picture): string;
  changes(candidate: Candidate, picture: Picture): Change[];
}

/** A change that touches nothing; rules say what is different. */
export const NO_CHANGE: Omit<Change, "change" | "step"> = {
  stageId: null,
  work: 1,
  addedWorkers: 0,
  leavesLoop: false,
  addedCores: 0,
  resourceId: null,
  addedServers: 0,
  addedInFlight: 0,
  eased: null,
  isLeast: false,
};

/** What runs half as long. */
export function halved(of: "stage" | "resource", name: string): Step {
  return { kind: "time", of, name, factor: 0.5 };
}
