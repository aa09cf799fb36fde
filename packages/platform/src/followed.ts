export type Listeners = Readonly<Record<string, (message: unknown) => void>>;

/** How a client library is followed, by the names of its diagnostics channels. */
export interface Followed {
  /** Where calls begin. */
  readonly begins: Listeners;
  /** Where calls that have begun go on, and end. */
  readonly goesOn: Listeners;
  /** Puts back what was replaced besides. */
  restore(): void;
}
