import type { Attributes } from "@opentelemetry/api";

export interface Series<T> {
  readonly attributes: Attributes;
  readonly value: T;
}

/** How values of one metric go together. */
export interface SeriesRules<T> {
  /** Two that have the same attributes, in one collection. */
  readonly sum: (one: T, other: T) => T;
  /** What is told, after `last` was told. */
  readonly follow: (last: T, now: T) => T;
}

/** The name that OpenTelemetry's SDK gives to what is beyond a limit. */
const OVERFLOW: Attributes = { "otel.metric.overflow": true };

/**
 * The series of one metric. At most `limit` of them, first come, first served, for as long as the table lives: what is
 * beyond is summed into one overflow series, so that neither a reader nor our memory can be flooded. A collection is:
 * `add` for every value, then `take`.
 */
export class SeriesTable<T> {
  readonly #rules: SeriesRules<T>;
  readonly #limit: number;
  readonly #lasts = new Map<string, T | null>();
  #now = new Map<string, Series<T>>();
  #refusedNow = 0;
  #refusedMost = 0;

  constructor(rules: SeriesRules<T>, limit: number) {
    this.#rules = rules;
    this.#limit = limit;
  }

  /** How many were put into the overflow series, at most, in one collection. */
  get refused(): number {
    return Math.max(this.#refusedMost, this.#refusedNow);
  }

  add(attributes: Attributes, value: T): void {
    const key = JSON.stringify(attributes);
    if (this.#isAdmitted(key)) this.#put(key, attributes, value);
    else {
      this.#refusedNow += 1;
      this.#put(JSON.stringify(OVERFLOW), OVERFLOW, value);
    }
  }

  take(): Series<T>[] {
    const taken: Series<T>[] = [];
    for (const [key, { attributes, value }] of this.#now) {
      const last = this.#lasts.get(key) ?? null;
      const told = last === null ? value : this.#rules.follow(last, value);
      this.#lasts.set(key, told);
      taken.push({ attributes, value: told });
    }
    this.#refusedMost = this.refused;
    this.#refusedNow = 0;
    this.#now = new Map();
    return taken;
  }

  /** A place is kept once it is given, so that a series never moves into the overflow, where it would count twice. */
  #isAdmitted(key: string): boolean {
    if (this.#lasts.has(key)) return true;
    if (this.#lasts.size >= this.#limit - 1) return false;
    this.#lasts.set(key, null);
    return true;
  }

  #put(key: string, attributes: Attributes, value: T): void {
    const other = this.#now.get(key);
    this.#now.set(key, { attributes, value: other === undefined ? value : this.#rules.sum(other.value, value) });
  }
}
