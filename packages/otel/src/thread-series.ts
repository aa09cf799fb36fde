import { ATTRIBUTE, type Snapshot, type ThreadRole } from "@pinchpoint/probe";
import { addHeaps, type HeapReading } from "./heap-series.ts";
import type { MetricTables } from "./metric-tables.ts";

/** A thread's own counters, cumulative; null where the platform does not tell. */
export interface ThreadReading extends HeapReading {
  readonly cpuSeconds: number | null;
  readonly runQueueSeconds: number | null;
  readonly loopActiveSeconds: number | null;
  readonly loopIdleSeconds: number | null;
}

const KINDS = ["cpuSeconds", "runQueueSeconds", "loopActiveSeconds", "loopIdleSeconds"] as const;
type Kind = (typeof KINDS)[number];
type Seconds = Partial<Record<Kind, number>>;

interface Utilization {
  readonly atMs: number;
  readonly activeSeconds: number;
  readonly idleSeconds: number;
  readonly share: number | null;
}

/** Of OpenTelemetry's semantic conventions for Node.js. */
const LOOP_STATE = "nodejs.eventloop.state";

/** Utilisation over less than this is noise, and would differ between two readers that collect at almost one time. */
const MIN_WINDOW_MS = 1000;

/**
 * Sums the threads of each role. A thread that has ended, or is not told of this time, counts with its last reading:
 * a total that fell would look like a restart.
 */
export class ThreadSeries {
  readonly #lasts = new Map<number, { readonly role: ThreadRole; readonly seconds: Seconds }>();
  readonly #ended = new Map<ThreadRole, Seconds>();
  readonly #utilizations = new Map<ThreadRole, Utilization>();

  add(tables: MetricTables, { threads, atMs }: Snapshot, readings: readonly ThreadReading[]): void {
    this.#retire(new Set(threads.map(({ id }) => id)));
    const roleOf = new Map(threads.map(({ id, role }) => [id, role]));
    for (const reading of readings) {
      const role = roleOf.get(reading.thread);
      if (role !== undefined) this.#keep(role, reading);
    }
    for (const [role, seconds] of this.#totals()) this.#addRole(tables, role, seconds, atMs);
    addHeaps(tables, { threads }, readings);
  }

  #addRole(tables: MetricTables, role: ThreadRole, seconds: Seconds, atMs: number): void {
    const attributes = { [ATTRIBUTE.threadRole]: role };
    const { cpuSeconds, runQueueSeconds, loopActiveSeconds, loopIdleSeconds } = seconds;
    if (cpuSeconds !== undefined) tables.add("threadCpuTime", attributes, cpuSeconds);
    if (runQueueSeconds !== undefined) tables.add("threadRunQueueTime", attributes, runQueueSeconds);
    if (loopActiveSeconds === undefined || loopIdleSeconds === undefined) return;
    tables.add("loopTime", { ...attributes, [LOOP_STATE]: "active" }, loopActiveSeconds);
    tables.add("loopTime", { ...attributes, [LOOP_STATE]: "idle" }, loopIdleSeconds);
    const share = this.#share(role, atMs, loopActiveSeconds, loopIdleSeconds);
    if (share !== null) tables.add("loopUtilization", attributes, share);
  }

  #share(role: ThreadRole, atMs: number, activeSeconds: number, idleSeconds: number): number | null {
    const since = this.#utilizations.get(role) ?? { atMs: null, activeSeconds: 0, idleSeconds: 0, share: null };
    if (since.atMs !== null && atMs - since.atMs < MIN_WINDOW_MS) return since.share;
    const active = activeSeconds - since.activeSeconds;
    const idle = idleSeconds - since.idleSeconds;
    const share = active + idle > 0 ? active / (active + idle) : since.share;
    this.#utilizations.set(role, { atMs, activeSeconds, idleSeconds, share });
    return share;
  }

  #keep(role: ThreadRole, reading: ThreadReading): void {
    const seconds: Seconds = { ...this.#lasts.get(reading.thread)?.seconds };
    for (const kind of KINDS) {
      const now = reading[kind];
      if (now !== null && Number.isFinite(now)) seconds[kind] = Math.max(seconds[kind] ?? 0, now);
    }
    this.#lasts.set(reading.thread, { role, seconds });
  }

  /** Ids are never used again: what the snapshot no longer names is folded into its role's total and forgotten. */
  #retire(known: ReadonlySet<number>): void {
    for (const [thread, { role, seconds }] of this.#lasts) {
      if (known.has(thread)) continue;
      this.#ended.set(role, added(this.#ended.get(role) ?? {}, seconds));
      this.#lasts.delete(thread);
    }
  }

  #totals(): Map<ThreadRole, Seconds> {
    const totals = new Map(this.#ended);
    for (const { role, seconds } of this.#lasts.values()) totals.set(role, added(totals.get(role) ?? {}, seconds));
    return totals;
  }
}

function added(one: Seconds, other: Seconds): Seconds {
  const sum: Seconds = { ...one };
  for (const kind of KINDS) {
    const seconds = other[kind];
    if (seconds !== undefined) sum[kind] = (sum[kind] ?? 0) + seconds;
  }
  return sum;
}
