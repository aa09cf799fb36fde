import { ATTRIBUTE, type Snapshot } from "@pinchpoint/probe";
import type { MetricTables } from "./metric-tables.ts";

/** What a thread told of its garbage collections and its heap. */
export interface HeapReading {
  /** Id of the thread in the snapshot. */
  readonly thread: number;
  /** Absent or empty where it told nothing. */
  readonly collections?: readonly {
    /** As `v8js.gc.type` has it. */
    readonly kind: string;
    /** By GC_BOUNDS_SECONDS; length one more, the last is above all of them. */
    readonly counts: readonly number[];
    readonly sumSeconds: number;
  }[];
  readonly spaces?: readonly { readonly name: string; readonly used: number; readonly size: number }[];
}

/** Of OpenTelemetry's semantic conventions for V8. */
const GC_TYPE = "v8js.gc.type";
const SPACE_NAME = "v8js.heap.space.name";

/** Sums the threads of each role. */
export function addHeaps(
  tables: MetricTables,
  { threads }: Pick<Snapshot, "threads">,
  readings: readonly HeapReading[],
): void {
  const roleOf = new Map(threads.map(({ id, role }) => [id, role]));
  for (const { thread, collections = [], spaces = [] } of readings) {
    const role = roleOf.get(thread);
    if (role === undefined) continue;
    for (const { kind, counts, sumSeconds } of collections) {
      if (counts.every((count) => count === 0)) continue;
      tables.addCounts("gcDuration", { [GC_TYPE]: kind, [ATTRIBUTE.threadRole]: role }, counts, sumSeconds);
    }
    for (const { name, used, size } of spaces) {
      const attributes = { [SPACE_NAME]: name, [ATTRIBUTE.threadRole]: role };
      tables.add("heapUsed", attributes, used);
      tables.add("heapLimit", attributes, size);
    }
  }
}
