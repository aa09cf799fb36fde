/** What one run of a program found, in a process of its own. */
export interface Measured {
  /** By the names that claims use. No two programs of an experiment have a name in common. */
  readonly values: Readonly<Record<string, number>>;
  /** What was done, and what had been recorded of it in the end: a figure counts only where the two are equal. */
  readonly kept: readonly Kept[];
}

export interface Kept {
  readonly what: string;
  readonly done: number;
  readonly recorded: number;
}

/** One side of a comparison, such as the same work bare, recorded, or recorded by somebody else. */
export interface Program {
  /** Unique within its experiment. */
  readonly name: string;
  /** Runs in a process of its own; it loads what it needs itself. */
  readonly measure: () => Measured | Promise<Measured>;
  /** Words for Node, before the program. */
  readonly nodeWords?: readonly string[];
  /** Whether the process has Pinchpoint's preload; default false. */
  readonly isPreloaded?: boolean;
}

/** Programs that take turns, round by round, and what is claimed of what they find. */
export interface Experiment {
  /** Unique within its file. */
  readonly name: string;
  readonly rounds: number;
  readonly programs: readonly Program[];
  readonly claims: readonly Claim[];
}

/** `bare`, `limit` (the value itself is compared), or the name of a peer. */
export type Against = string;
export const BARE = "bare";
export const LIMIT = "limit";

/** With `atLeast` the other has to be so many times ours; with `atMost` ours may be so many times the other's. */
export type Target = { readonly against: Against; readonly wanted?: number } & (
  | { readonly atLeast: number; readonly atMost?: never }
  | { readonly atMost: number; readonly atLeast?: never }
);

export interface Claim {
  readonly name: string;
  readonly unit: string;
  /** Names of values; `peers` are told by theirs. */
  readonly ours: string;
  readonly bare?: string;
  readonly peers?: readonly string[];
  /** Absent: the figure is only told. */
  readonly target?: Target;
  /** Whether the whole benchmark fails where this one does; default false. */
  readonly isGate?: boolean;
  /** Whether what comes on top of bare is told and compared, ours and the peers'; default false. */
  readonly isAdded?: boolean;
}
