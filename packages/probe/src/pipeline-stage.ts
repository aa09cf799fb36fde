import type { ResourceKind } from "./snapshot.ts";

export interface RunOptions<T> {
  /** Items in this hand-over; 1 where it is not given, or is not a finite number of at least 0. */
  readonly items?: number;
  /** How many items the result passes on; as many as came in where it is not given, or fails. */
  readonly emitted?: (result: Awaited<T>) => number;
  /** The `traceparent` that came with the items: the unit's span is a child of it. */
  readonly parent?: string;
}

export interface UnitDeclaration {
  readonly items?: number;
  /** As in `RunOptions`. */
  readonly parent?: string;
}

/** Something that stages wait for or hold: a service, a lock, a limiter, a pool. */
export interface Resource {
  readonly name: string;
  readonly kind: ResourceKind;
  readonly capacity: number | null;
}

/** A hand-over that begins and ends in different places. */
export interface Unit {
  /** Ends it, once; an `error` other than null or undefined counts it as failed. */
  end(outcome?: { readonly error?: unknown }): void;
}

/**
 * A named step of a pipeline. Every method gives the application back exactly what its own function gave; where that is
 * a native promise, the promise derived from it.
 *
 * Within `run` and `use`, across awaits too, `pull`, `push`, `wait` and `use` move the one worker that is there into
 * their state and back. Outside, each is a worker of its own for as long as it lasts.
 */
export interface Stage {
  readonly name: string;
  /** The stage works: `self` while `work` runs or its promise is pending. */
  run<T>(work: () => T, options?: RunOptions<T>): T;
  /** The stage takes its input: `starved` while the next item is pending. */
  pull<T>(input: AsyncIterable<T> | Iterable<T>): AsyncIterable<T>;
  /** The stage hands on: `blocked` while the output does not accept. */
  push<T>(handOver: () => T): T;
  /** The stage waits for a resource. */
  wait<T>(resource: Resource, acquire: () => T): T;
  /** The stage holds a resource. */
  use<T>(resource: Resource, work: () => T): T;
  /** The stage works from now until the unit's `end`; all of that time is `self`, since nothing tells what belongs to it. */
  start(options?: UnitDeclaration): Unit;
  /**
   * The stage is not used any more on this thread, as where a stage is opened for each job: it is told no longer, and its
   * room is used again. What it is given from then on runs as ever and is counted as `stage-closed`. A stage that is opened
   * again by its name counts from 0. Closing twice is closing once.
   */
  close(): void;
}

const ENDED: Unit = { end: () => {} };

/** A stage of a process that records nothing. */
export class PassingStage implements Stage {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  run<T>(work: () => T): T {
    return work();
  }

  pull<T>(input: AsyncIterable<T> | Iterable<T>): AsyncIterable<T> {
    return isAsyncIterable(input) ? input : inTurn(input);
  }

  push<T>(handOver: () => T): T {
    return handOver();
  }

  wait<T>(_resource: Resource, acquire: () => T): T {
    return acquire();
  }

  use<T>(_resource: Resource, work: () => T): T {
    return work();
  }

  start(): Unit {
    return ENDED;
  }

  close(): void {}
}

/** The iterator that `for await` would take. */
export function asyncIteratorOf<T>(input: AsyncIterable<T> | Iterable<T>): AsyncIterator<T> {
  return (isAsyncIterable(input) ? input : inTurn(input))[Symbol.asyncIterator]();
}

function isAsyncIterable<T>(input: AsyncIterable<T> | Iterable<T>): input is AsyncIterable<T> {
  return (input as Partial<AsyncIterable<T>>)[Symbol.asyncIterator] !== undefined;
}

async function* inTurn<T>(input: Iterable<T>): AsyncGenerator<T> {
  yield* input;
}
