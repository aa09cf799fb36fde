import { type Change, halved, NO_CHANGE } from "../candidate.ts";
import type { RecordedResource } from "../recording.ts";

/** What can be done about a pool that works for a stage, whether its threads or their cores are short. */
export function poolChanges(
  { id, name, capacity }: RecordedResource,
  stage: string,
): { readonly moreThreads: Change; readonly halfTheTime: Change } {
  const threads = capacity ?? 1;
  return {
    moreThreads: {
      ...NO_CHANGE,
      change: `${name} threads ${threads} -> ${threads + 1}`,
      resourceId: id,
      addedServers: 1,
      step: { kind: "workers", stage, from: threads, to: threads + 1 },
    },
    halfTheTime: {
      ...NO_CHANGE,
      change: `halve ${stage}'s time in the pool`,
      resourceId: id,
      work: 0.5,
      step: halved("stage", stage),
    },
  };
}
