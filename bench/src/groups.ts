import { experiments as recordHistogram } from "./cases/record-histogram.ts";
import type { Experiment } from "./experiment.ts";

/** The experiments of each group, by the file of `cases/` that they stand in. */
export const groups: Readonly<Record<string, Readonly<Record<string, readonly Experiment[]>>>> = {
  record: { "record-histogram": recordHistogram },
};
