import { experiments as memoryRows } from "./cases/memory-rows.ts";
import { experiments as pipelineIterator } from "./cases/pipeline-iterator.ts";
import { experiments as pipelineStreams } from "./cases/pipeline-streams.ts";
import { experiments as recordHistogram } from "./cases/record-histogram.ts";
import { experiments as recordParts } from "./cases/record-parts.ts";
import { experiments as recordRun } from "./cases/record-run.ts";
import { experiments as scrapePage } from "./cases/scrape-page.ts";
import { experiments as startupProcess } from "./cases/startup-process.ts";
import { experiments as startupWorker } from "./cases/startup-worker.ts";
import { experiments as threadsLost } from "./cases/threads-lost.ts";
import { experiments as threadsPool } from "./cases/threads-pool.ts";
import type { Experiment } from "./experiment.ts";

/** The experiments of each group, by the file of `cases/` that they stand in. */
export const groups: Readonly<Record<string, Readonly<Record<string, readonly Experiment[]>>>> = {
  record: { "record-histogram": recordHistogram, "record-run": recordRun, "record-parts": recordParts },
  threads: { "threads-lost": threadsLost, "threads-pool": threadsPool },
  pipeline: { "pipeline-streams": pipelineStreams, "pipeline-iterator": pipelineIterator },
  startup: { "startup-process": startupProcess, "startup-worker": startupWorker },
  scrape: { "scrape-page": scrapePage },
  memory: { "memory-rows": memoryRows },
};
