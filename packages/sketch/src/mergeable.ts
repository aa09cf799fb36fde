/**
 * A summary of recorded values that forms a commutative monoid under merge: the merge of two summaries is the summary
 * of all values together, in any order and grouping, and an empty summary made with the same options changes nothing.
 * That is what lets threads, processes and windows of time be summed without ever storing an average or a percentile.
 *
 * A sketch whose arithmetic rounds (Moments) obeys these laws up to that rounding and says so; one that says nothing
 * obeys them bit for bit.
 */
export interface Mergeable<T> {
  /** No value was recorded and none was refused. */
  readonly isEmpty: boolean;

  /** Adds everything that `other` recorded to this sketch. `other` stays as it is; it may be this sketch itself. */
  mergeFrom(other: T): void;

  /** A sketch of the same values that shares no state with this one. */
  copy(): T;
}
